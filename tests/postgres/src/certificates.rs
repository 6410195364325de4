//! Certificates that nobody need trust for longer than a test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::error::Error;
use crate::settings::Settings;

/// An authority that signs servers' certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new one, with a key of its own.
    ///
    /// # Errors
    /// The name cannot stand in a certificate.
    pub fn new(name: &str) -> Result<Self, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Ok(Self(CertifiedIssuer::self_signed(params, key()?).map_err(|error| failed(&error))?))
    }

    /// Its own certificate, for those who trust it, as PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Settings of a server with a certificate for these names and addresses.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn server(&self, names: &[&str]) -> Result<Settings, Error> {
        self.sign(certificate(names)?)
    }

    /// Settings of a server with a certificate that was good once.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn expired_server(&self, names: &[&str]) -> Result<Settings, Error> {
        let mut params = certificate(names)?;
        (params.not_before, params.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Result<Settings, Error> {
        let key = key()?;
        let certificate = params.signed_by(&key, &self.0).map_err(|error| failed(&error))?;
        Ok(Settings::new().tls(&certificate.pem(), &key.serialize_pem()))
    }
}

fn certificate(names: &[&str]) -> Result<CertificateParams, Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).map_err(|error| failed(&error))
}

fn key() -> Result<KeyPair, Error> {
    KeyPair::generate().map_err(|error| failed(&error))
}

fn failed(error: &rcgen::Error) -> Error {
    Error::Failed(format!("a certificate: {error}"))
}

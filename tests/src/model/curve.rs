//! The rules, section 3: the levelling curve.

use serde_json::{Value, json};

use super::numbers::{MILLION, int, multiplier};

const I64_MAX: i128 = i64::MAX as i128;

#[derive(Clone, Debug)]
enum Family {
    /// Coefficients in millionths.
    Polynomial(Vec<i128>),
    /// Every threshold that exists, from level 1 on.
    Listed(Vec<i64>),
    /// As listed, then + step per level.
    Table(Vec<i64>, i64),
}

#[derive(Clone, Debug)]
pub struct Curve {
    family: Family,
    pub max_level: i64,
}

impl Curve {
    pub fn new(doc: &Value) -> Curve {
        let default = json!({"family": "polynomial", "coefficients": [0, 25, 57.5]});
        let doc = if doc.is_null() { &default } else { doc };
        let max_level = match &doc["max_level"] {
            Value::Null => i64::from(i32::MAX),
            v => int(v),
        };
        let family = match doc["family"].as_str().expect("curve.family") {
            "polynomial" => {
                let list = doc["coefficients"].as_array().expect("coefficients");
                Family::Polynomial(list.iter().map(multiplier).collect())
            }
            "power" => {
                let base = int(&doc["base"]) as u128;
                let p = int(&doc["p"]) as u32;
                Family::Listed(listed(max_level, |i, _| {
                    // base * i^(p/2) = sqrt(base^2 * i^p); what does not fit u128 here has a
                    // root above i64::MAX, so such a level does not exist
                    let square = (base * base).checked_mul((i as u128).checked_pow(p)?)?;
                    i128::try_from(square.isqrt()).ok()
                }))
            }
            "geometric" => {
                let first = i128::from(int(&doc["first"]));
                let ratio = multiplier(&doc["ratio"]);
                Family::Listed(listed(max_level, |i, previous| {
                    if i == 1 { Some(first) } else { Some(previous.checked_mul(ratio)? / MILLION) }
                }))
            }
            "table" => {
                let list = doc["thresholds"].as_array().expect("thresholds");
                Family::Table(list.iter().map(int).collect(), int(&doc["step"]))
            }
            other => panic!("curve family {other}"),
        };
        Curve { family, max_level }
    }

    /// None: such a threshold does not exist.
    pub fn threshold(&self, level: i64) -> Option<i64> {
        if level < 1 || level > self.max_level {
            return None;
        }
        if level == 1 {
            return Some(0);
        }
        match &self.family {
            Family::Polynomial(coefficients) => {
                let mut sum: i128 = 0;
                for (k, c) in coefficients.iter().enumerate() {
                    if *c == 0 {
                        continue;
                    }
                    let power = i128::from(level).checked_pow(k as u32)?;
                    sum = sum.checked_add(c.checked_mul(power)? / MILLION)?;
                }
                (sum <= I64_MAX).then_some(sum as i64)
            }
            Family::Listed(list) => list.get(level as usize - 1).copied(),
            Family::Table(list, step) => match list.get(level as usize - 1) {
                Some(t) => Some(*t),
                None => {
                    let last = i128::from(*list.last().expect("a threshold"));
                    let more = i128::from(level - list.len() as i64) * i128::from(*step);
                    (last + more <= I64_MAX).then_some((last + more) as i64)
                }
            },
        }
    }

    /// The largest level whose threshold is reached. Thresholds strictly increase, so the
    /// search may halve.
    pub fn level(&self, total_xp: i64) -> i64 {
        let reached = |level: i64| self.threshold(level).is_some_and(|t| t <= total_xp);
        let (mut lo, mut hi) = (1, self.max_level);
        while lo < hi {
            let middle = lo + (hi - lo + 1) / 2;
            if reached(middle) {
                lo = middle;
            } else {
                hi = middle - 1;
            }
        }
        lo
    }
}

/// Sums of costs; `cost(i, cost(i-1))` is what level i+1 costs on top of level i.
fn listed(max_level: i64, cost: impl Fn(i64, i128) -> Option<i128>) -> Vec<i64> {
    let mut list = vec![0i64];
    let mut previous = 0;
    let mut sum: i128 = 0;
    for i in 1..max_level {
        let Some(c) = cost(i, previous) else { break };
        sum += c;
        if sum > I64_MAX {
            break;
        }
        list.push(sum as i64);
        previous = c;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_polynomial() {
        let c = Curve::new(&Value::Null);
        for (l, t) in [(1, 0), (2, 280), (3, 592), (4, 1020), (5, 1562), (10, 6000), (30, 52500), (100, 577500)] {
            assert_eq!(c.threshold(l), Some(t), "level {l}");
            assert_eq!(c.level(t), l);
            assert_eq!(c.level(t + 1), l);
            if l > 1 {
                assert_eq!(c.level(t - 1), l - 1);
            }
        }
        assert!(c.level(i64::MAX) > 390_000_000 && c.level(i64::MAX) < 410_000_000);
    }

    #[test]
    fn the_others() {
        let c = Curve::new(&json!({"family":"power","base":100,"p":3,"max_level":1000000}));
        let t: Vec<_> = (1..=5).map(|l| c.threshold(l).unwrap()).collect();
        assert_eq!(t, [0, 100, 382, 901, 1701]);
        let c = Curve::new(&json!({"family":"geometric","first":100,"ratio":"1.15"}));
        let t: Vec<_> = (1..=5).map(|l| c.threshold(l).unwrap()).collect();
        // costs 100, 115, 132 (132.25), 151 (151.8)
        assert_eq!(t, [0, 100, 215, 347, 498]);
        let c = Curve::new(&json!({"family":"table","thresholds":[0,100,250],"step":300}));
        let t: Vec<_> = (1..=5).map(|l| c.threshold(l).unwrap()).collect();
        assert_eq!(t, [0, 100, 250, 550, 850]);
        assert_eq!(c.level(549), 3);
    }
}

//! Writes the Swift and Kotlin sources from the built library: `levelkit-bindgen generate LIBRARY --language kotlin --out-dir DIR`.

fn main() {
    uniffi::uniffi_bindgen_main()
}

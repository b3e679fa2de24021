//! As much of CBOR (RFC 8949) as answers of CloudWatch need, written only.

/// Bytes of a CBOR value being written.
#[derive(Default)]
pub struct Cbor(pub Vec<u8>);

impl Cbor {
    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..24 => self.0.push(major | n as u8),
            24..0x100 => self.0.extend([major | 24, n as u8]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend((n as u16).to_be_bytes());
            }
            _ => {
                self.0.push(major | 26);
                self.0.extend((n as u32).to_be_bytes());
            }
        }
    }

    /// The beginning of a map of `n` pairs.
    pub fn map(&mut self, n: usize) {
        self.head(5, n as u64);
    }

    /// The beginning of a list of `n` values.
    pub fn list(&mut self, n: usize) {
        self.head(4, n as u64);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    /// A key and a text.
    pub fn pair(&mut self, key: &str, text: &str) {
        self.text(key);
        self.text(text);
    }

    /// A key and a whole number.
    pub fn count(&mut self, key: &str, n: u64) {
        self.text(key);
        self.head(0, n);
    }

    /// A key and a number.
    pub fn number(&mut self, key: &str, n: f64) {
        self.text(key);
        self.0.push(0xfb);
        self.0.extend(n.to_be_bytes());
    }

    /// A key and an instant, in seconds (tag 1).
    pub fn instant(&mut self, key: &str, seconds: u64) {
        self.text(key);
        self.head(6, 1);
        self.0.push(0xfb);
        self.0.extend((seconds as f64).to_be_bytes());
    }

    /// A key and a truth.
    pub fn truth(&mut self, key: &str, value: bool) {
        self.text(key);
        self.0.push(if value { 0xf5 } else { 0xf4 });
    }
}

//! CBOR as CloudWatch speaks it (RFC 8949, "Smithy RPC v2 CBOR"), made from JSON values. An object
//! `{"$time": seconds}` becomes a timestamp: tag 1 over a number.

use serde_json::Value;

/// The bytes of `value`.
pub fn bytes(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value);
    out
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(b) => out.push(if *b { 0xf5 } else { 0xf4 }),
        Value::Number(n) => match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => head(out, 0, n),
            (None, Some(n)) => head(out, 1, n.unsigned_abs() - 1),
            (None, None) => {
                out.push(0xfb);
                out.extend(n.as_f64().unwrap_or(f64::NAN).to_be_bytes());
            }
        },
        Value::String(s) => {
            head(out, 3, s.len() as u64);
            out.extend(s.as_bytes());
        }
        Value::Array(items) => {
            head(out, 4, items.len() as u64);
            items.iter().for_each(|item| write(out, item));
        }
        Value::Object(fields) => {
            if let (Some(seconds), 1) = (fields.get("$time"), fields.len()) {
                head(out, 6, 1);
                return write(out, seconds);
            }
            head(out, 5, fields.len() as u64);
            for (name, field) in fields {
                head(out, 3, name.len() as u64);
                out.extend(name.as_bytes());
                write(out, field);
            }
        }
    }
}

/// The major type and its argument.
fn head(out: &mut Vec<u8>, major: u8, n: u64) {
    let major = major << 5;
    match n {
        0..=23 => out.push(major | n as u8),
        24..=0xff => out.extend([major | 24, n as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((n as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((n as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(n.to_be_bytes());
        }
    }
}

//! The AWS CLI line of a call as a person may paste it into a shell, where names from outside must not become
//! commands, files or escape sequences. Secret values are files that whoever runs it provides.

use crate::estate::change::{CliLine, CliValue};
use crate::estate::{Region, Untrusted};

/// `aws secretsmanager put-secret-value --secret-id ... --region eu-central-1`.
#[must_use]
pub fn line(cli: &CliLine, region: &Region) -> String {
    let mut out = format!("aws {}", cli.command);
    let mut last = String::new();
    for (name, value) in &cli.options {
        match value {
            CliValue::Text(text) => option(name, [text], &mut out),
            CliValue::Many(texts) => option(name, texts, &mut out),
            CliValue::Secret(file) => option(name, [file], &mut out),
            CliValue::Flag => option(name, [""; 0], &mut out),
            // A file that the answer goes to is the last word, or what the shell redirects to.
            CliValue::File(file) if name.is_empty() => last.push_str(&format!(" {}", quote(file))),
            CliValue::File(file) => last.push_str(&format!(" {name} {}", quote(file))),
        }
    }
    format!("{out} --region {region}{last}")
}

fn option(name: &str, values: impl IntoIterator<Item = impl AsRef<str>>, out: &mut String) {
    out.push_str(&format!(" --{name}"));
    for value in values {
        // What begins with a dash would be an option of its own.
        let value = value.as_ref();
        out.push_str(if value.starts_with('-') { "=" } else { " " });
        out.push_str(&quote(value));
    }
}

/// A word for a POSIX shell. What cannot be drawn is written as an escape, `$'...'`, which bash, zsh, ksh and
/// POSIX 2024 know: pasted raw, it could end a bracketed paste or turn the line round.
#[must_use]
pub fn quote(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_string();
    }
    if Untrusted::from(text).shown().to_string() == text {
        return format!("'{}'", text.replace('\'', "'\\''"));
    }
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            c if !c.is_ascii() && Untrusted::from(c.to_string()).shown().to_string() == c.to_string() => {
                out.push(c);
            }
            // Octal escapes of the bytes are the form that every one of those shells reads the same way.
            c => c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| out.push_str(&format!("\\{b:03o}"))),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted() {
        let cli = CliLine::new("lambda invoke")
            .with("function-name", "a'b; rm -rf /")
            .also("payload", CliValue::Secret("file://PAYLOAD"))
            .also("version-stages", CliValue::Many(vec!["one".into(), "two\n".into()]))
            .also("cli-binary-format", CliValue::Flag)
            .with("alias", "-x")
            .also("", CliValue::File("answer.json"))
            .also(">", CliValue::File("NEW.json"));
        let region = Region::new("eu-central-1").unwrap();
        assert_eq!(
            line(&cli, &region),
            "aws lambda invoke --function-name 'a'\\''b; rm -rf /' --payload file://PAYLOAD \
             --version-stages one $'two\\012' --cli-binary-format --alias=-x --region eu-central-1 \
             answer.json > NEW.json"
        );
    }
}

//! Help that was asked for, and command lines that cannot be understood, in clap's words. What was typed may
//! hold anything, so it is written neutralised.

use crate::diagnose::Neutral;
use std::io::{self, Write};

/// Writes help and versions to stdout, mistakes to stderr, and gives the exit code: 0 or 2.
#[must_use]
pub fn tell(told: &clap::Error) -> u8 {
    let text = safe(&told.render().to_string());
    let written = if told.use_stderr() {
        io::stderr().write_all(text.as_bytes())
    } else {
        let mut out = io::stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    };
    match written {
        // The reader went away: as quiet as any other command, with the same code.
        Ok(()) | Err(_) => u8::try_from(told.exit_code()).unwrap_or(2),
    }
}

fn safe(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| Neutral(line).to_string()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn what_was_typed_is_drawn_not_obeyed() {
        assert_eq!(safe("error: 'a\u{1b}[2J'\n  tip\n"), "error: 'a\\u{1b}[2J'\n  tip\n");
    }
}

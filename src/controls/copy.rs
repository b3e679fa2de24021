//! What the terminal is sent to put something on the clipboard of the machine the person sits at: OSC 52
//! (xterm, ctlseqs, "Manipulate Selection Data"), through tmux and screen where they stand between. Pure:
//! bytes out; it neither writes them nor knows whether the terminal obeys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest text that is copied by default, in bytes: in base64 and with its seven and one bytes around,
/// it is a sequence of 100,000, which is as long as hterm's osc52.sh sends (`OSC_52_MAX_SEQUENCE`) and tools
/// after it found safe everywhere. Longer ones are cut or dropped by terminals, each at its own length.
pub const LIMIT: usize = 74_994;

/// What stands between the program and the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// Nothing (or SSH, which passes everything).
    Nothing,
    /// tmux, which passes a sequence on when it is wrapped and `allow-passthrough` is on.
    Tmux,
    /// GNU screen, which passes device control strings on, of limited length each.
    Screen,
}

/// Why something was not copied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong {
    /// How long the text is, in bytes.
    pub length: usize,
    /// How long it may be.
    pub limit: usize,
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "not copied: {} bytes, and a terminal takes {} at most; use `-o json` and a pipe",
            self.length, self.limit
        )
    }
}

impl std::error::Error for TooLong {}

/// GNU screen takes strings of up to 768 bytes (MAXSTR in its screen.h) and prints the rest of longer ones.
const SCREEN_CHUNK: usize = 700;

/// The bytes that copy `text`. It is sent as base64, so that nothing in it can reach the terminal.
///
/// # Errors
/// The text is longer than `limit` bytes. Nothing is cut: half a policy on a clipboard is worse than none.
pub fn sequence(text: &str, through: Through, limit: usize) -> Result<Vec<u8>, TooLong> {
    if text.len() > limit {
        return Err(TooLong { length: text.len(), limit });
    }
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    Ok(match through {
        Through::Nothing => plain.into_bytes(),
        Through::Tmux => {
            // tmux takes the plain form with `set-clipboard on`, and passes the wrapped one on with
            // `allow-passthrough on`; neither is its default, so both are sent: they say the same.
            // "\033Ptmux;...\033\\" with every escape doubled (tmux FAQ, "What is the passthrough escape
            // sequence and how do I use it?").
            let inner = plain.replace('\x1b', "\x1b\x1b");
            format!("{plain}\x1bPtmux;{inner}\x1b\\").into_bytes()
        }
        Through::Screen => {
            let mut wrapped = Vec::with_capacity(plain.len() * 2);
            // A TERM of `screen` over SSH may be a tmux as well. It ignores what is for screen, and screen
            // ignores a plain sequence that is short enough for it.
            if plain.len() <= SCREEN_CHUNK {
                wrapped.extend_from_slice(plain.as_bytes());
            }
            for chunk in plain.as_bytes().chunks(SCREEN_CHUNK) {
                wrapped.extend_from_slice(b"\x1bP");
                wrapped.extend_from_slice(chunk);
                wrapped.extend_from_slice(b"\x1b\\");
            }
            wrapped
        }
    })
}

impl Through {
    /// What the environment says stands between: TMUX and STY are set by tmux and screen, TERM also over SSH
    /// where those two are not passed on.
    #[must_use]
    pub fn of(tmux: bool, sty: bool, term: &str) -> Through {
        if tmux || term.starts_with("tmux") {
            Through::Tmux
        } else if sty || term.starts_with("screen") {
            Through::Screen
        } else {
            Through::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(text: &str, through: Through) -> String {
        String::from_utf8(sequence(text, through, LIMIT).unwrap()).unwrap()
    }

    #[test]
    fn each_way_has_its_form() {
        assert_eq!(sent("aws sqs", Through::Nothing), "\x1b]52;c;YXdzIHNxcw==\x07");
        assert_eq!(
            sent("aws sqs", Through::Tmux),
            "\x1b]52;c;YXdzIHNxcw==\x07\x1bPtmux;\x1b\x1b]52;c;YXdzIHNxcw==\x07\x1b\\"
        );
        assert_eq!(
            sent("aws sqs", Through::Screen),
            "\x1b]52;c;YXdzIHNxcw==\x07\x1bP\x1b]52;c;YXdzIHNxcw==\x07\x1b\\"
        );
    }

    #[test]
    fn the_longest_text_makes_a_sequence_of_100_000_and_a_longer_one_is_refused_whole() {
        let text = "x".repeat(LIMIT);
        assert_eq!(sent(&text, Through::Nothing).len(), 100_000);
        let refused = sequence(&format!("{text}x"), Through::Nothing, LIMIT).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "not copied: 74995 bytes, and a terminal takes 74994 at most; use `-o json` and a pipe"
        );
    }

    #[test]
    fn what_stands_between_is_seen_in_the_environment() {
        assert_eq!(Through::of(true, false, "xterm-256color"), Through::Tmux);
        assert_eq!(Through::of(false, false, "tmux-256color"), Through::Tmux);
        assert_eq!(Through::of(false, true, "xterm"), Through::Screen);
        assert_eq!(Through::of(false, false, "screen.xterm-256color"), Through::Screen);
        assert_eq!(Through::of(false, false, "xterm-kitty"), Through::Nothing);
    }

    proptest! {
        #[test]
        fn screen_gets_short_strings_that_make_the_whole(text in any::<String>(), times in 1usize..200) {
            let text = text.repeat(times);
            let wrapped = sent(&text, Through::Screen);
            let plain = sent(&text, Through::Nothing);
            let chunks: Vec<&str> = wrapped
                .split("\x1bP")
                .skip(1)
                .map(|c| c.strip_suffix("\x1b\\").unwrap())
                .collect();
            prop_assert!(chunks.iter().all(|c| c.len() <= SCREEN_CHUNK));
            prop_assert_eq!(chunks.concat(), plain);
        }

        #[test]
        fn nothing_of_the_text_reaches_the_terminal_as_it_is(text in any::<String>()) {
            let plain = sent(&text, Through::Nothing);
            let body = plain.strip_prefix("\x1b]52;c;").unwrap().strip_suffix('\x07').unwrap();
            prop_assert!(body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)));
            prop_assert_eq!(STANDARD.decode(body).unwrap(), text.as_bytes());
        }
    }
}

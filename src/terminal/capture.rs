//! Secret answers being typed. The keys come here instead of to the console, which is told how many
//! characters there are and never which.

use crate::console::Msg;
use crate::controls::{Key, KeyCode};
use crate::estate::Ticket;
use std::collections::HashMap;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

/// Where an answer goes; `None` if the person declines.
pub type Reply = oneshot::Sender<Option<Zeroizing<String>>>;

/// More than any code or key. The room is made once, so that no copy is left behind by growing.
const LONGEST: usize = 4096;

/// Questions that were asked, and the one being answered.
#[derive(Default)]
pub struct Capture {
    last: u64,
    asked: HashMap<Ticket, Reply>,
    typing: Option<Typing>,
}

struct Typing {
    ticket: Ticket,
    text: Zeroizing<String>,
}

impl Capture {
    /// Notes a question, and gives it a number.
    pub fn ask(&mut self, reply: Reply) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        self.asked.insert(ticket, reply);
        ticket
    }

    /// Whether keys and pastes are to come here.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.typing.is_some()
    }

    /// From now on the answer to `ticket` is typed. Another one that was is given up.
    pub fn start(&mut self, ticket: Ticket) {
        if let Some(older) = self.typing.take() {
            self.answer(older.ticket, None);
        }
        if self.asked.contains_key(&ticket) {
            self.typing = Some(Typing { ticket, text: Zeroizing::new(String::with_capacity(LONGEST)) });
        }
    }

    /// The question is given up.
    pub fn cancel(&mut self, ticket: Ticket) {
        self.typing.take_if(|t| t.ticket == ticket);
        self.answer(ticket, None);
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Option<Msg> {
        let typing = self.typing.as_mut()?;
        if let Some(c) = key.text() {
            return self.add(c.encode_utf8(&mut [0; 4]));
        } else if key == Key::plain(KeyCode::Enter) {
            let Typing { ticket, text } = self.typing.take()?;
            self.answer(ticket, Some(text));
            return Some(Msg::SecretDone { ticket });
        } else if key == Key::plain(KeyCode::Esc) || key == Key::ctrl('c') {
            let ticket = typing.ticket;
            self.cancel(ticket);
            return Some(Msg::SecretDone { ticket });
        } else if key == Key::plain(KeyCode::Backspace) || key == Key::ctrl('h') {
            typing.text.pop();
        } else if key == Key::ctrl('u') {
            typing.text.clear();
        } else {
            return None;
        }
        self.entered()
    }

    /// Takes a paste. Line ends and other control characters around a copied code are no part of it. One with
    /// such characters within (a key in several lines) gives the question up: what is not shown cannot be
    /// corrected, and without them it would be another value.
    pub fn paste(&mut self, text: &str) -> Option<Msg> {
        let text = text.trim_matches(char::is_control);
        if text.contains(char::is_control) { self.give_up() } else { self.add(text) }
    }

    /// Adds to the answer. What does not fit gives the question up, for a part of it is another value.
    fn add(&mut self, text: &str) -> Option<Msg> {
        let typing = self.typing.as_mut()?;
        if typing.text.len() + text.len() > LONGEST {
            return self.give_up();
        }
        typing.text.push_str(text);
        self.entered()
    }

    fn give_up(&mut self) -> Option<Msg> {
        let ticket = self.typing.as_ref()?.ticket;
        self.cancel(ticket);
        Some(Msg::SecretDone { ticket })
    }

    fn entered(&self) -> Option<Msg> {
        let typing = self.typing.as_ref()?;
        Some(Msg::SecretEntered { ticket: typing.ticket, len: typing.text.chars().count() })
    }

    fn answer(&mut self, ticket: Ticket, text: Option<Zeroizing<String>>) {
        if let Some(reply) = self.asked.remove(&ticket)
            && let Err(unwanted) = reply.send(text)
        {
            drop(unwanted); // whoever asked does not wait any more
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_to_whoever_asked_and_its_length_to_the_console() {
        let mut capture = Capture::default();
        let (reply, mut answer) = oneshot::channel();
        let ticket = capture.ask(reply);
        assert!(!capture.is_on());
        capture.start(ticket);
        assert_eq!(capture.key(Key::char('1')), Some(Msg::SecretEntered { ticket, len: 1 }));
        assert_eq!(capture.paste("23é\r\n"), Some(Msg::SecretEntered { ticket, len: 4 }));
        assert_eq!(capture.key(Key::plain(KeyCode::Backspace)), Some(Msg::SecretEntered { ticket, len: 3 }));
        assert_eq!(capture.key(Key::plain(KeyCode::Up)), None);
        assert_eq!(capture.key(Key::plain(KeyCode::Enter)), Some(Msg::SecretDone { ticket }));
        assert!(!capture.is_on());
        assert_eq!(answer.try_recv().unwrap().unwrap().as_str(), "123");
    }

    #[test]
    fn a_value_is_taken_whole_or_not_at_all() {
        let long = "x".repeat(LONGEST + 1);
        for paste in ["-----BEGIN KEY-----\nMIIE\n-----END KEY-----\n", "a\tb", long.as_str()] {
            let mut capture = Capture::default();
            let (reply, mut answer) = oneshot::channel();
            let ticket = capture.ask(reply);
            capture.start(ticket);
            assert_eq!(capture.paste(paste), Some(Msg::SecretDone { ticket }));
            assert!(!capture.is_on());
            assert_eq!(answer.try_recv().unwrap(), None, "nothing is kept of what was changed or cut");
        }
        let mut capture = Capture::default();
        let (reply, mut answer) = oneshot::channel();
        let ticket = capture.ask(reply);
        capture.start(ticket);
        let all = Some(Msg::SecretEntered { ticket, len: LONGEST });
        assert_eq!(capture.paste(&"x".repeat(LONGEST)), all);
        assert_eq!(capture.key(Key::char('y')), Some(Msg::SecretDone { ticket }));
        assert_eq!(answer.try_recv().unwrap(), None);
    }

    #[test]
    fn a_question_can_be_declined() {
        for key in [Key::plain(KeyCode::Esc), Key::ctrl('c')] {
            let mut capture = Capture::default();
            let (reply, mut answer) = oneshot::channel();
            let ticket = capture.ask(reply);
            capture.start(ticket);
            capture.paste("123");
            assert_eq!(capture.key(key), Some(Msg::SecretDone { ticket }));
            assert_eq!(answer.try_recv().unwrap(), None);
        }
    }
}

//! Secret inputs: from a file, from a file descriptor, or typed twice at a terminal without echo; never from an
//! argument or the environment. The bytes are read into a buffer of the right size and go into the vault.

use super::exit::Failure;
use super::say::safe;
use crate::estate::{Prompt, Slot, Vault};
use std::fs::File;
use std::io::{self, Read};
use zeroize::Zeroizing;

/// The longest secret that is read, in bytes: what Secrets Manager takes ("AWS Secrets Manager quotas").
const LONGEST: usize = 65_536;

/// A secret input and where it comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct From {
    /// The input.
    pub input: String,
    /// A path, or `/dev/fd/N`.
    pub path: String,
}

/// Takes `--set-file KEY=PATH` and `--set-fd KEY=N` apart.
///
/// # Errors
/// One has another form, or an input is given twice.
pub fn sources(files: &[String], descriptors: &[String]) -> Result<Vec<From>, Failure> {
    let mut found: Vec<From> = Vec::new();
    for (option, form, text) in files
        .iter()
        .map(|text| ("--set-file", "KEY=PATH", text))
        .chain(descriptors.iter().map(|text| ("--set-fd", "KEY=N", text)))
    {
        let wrong = || Failure::usage(format!("{option}: write `{form}`"));
        let (input, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (input, rest) = (input.trim(), rest.trim());
        if input.is_empty() || rest.is_empty() {
            return Err(wrong());
        }
        let path = if option == "--set-fd" {
            let n: u16 = rest.parse().map_err(|_| wrong())?;
            if matches!(n, 1 | 2) {
                return Err(Failure::usage("--set-fd: descriptors 1 and 2 are written to, not read"));
            }
            format!("/dev/fd/{n}")
        } else {
            rest.to_owned()
        };
        if found.iter().any(|f| f.input == input) {
            return Err(Failure::usage(format!("{option}: {} is given twice", safe(input))));
        }
        found.push(From { input: input.to_owned(), path });
    }
    Ok(found)
}

/// Reads a secret into a slot; `true` if a final newline was stripped.
///
/// # Errors
/// It cannot be read, is empty, is too long, or is no UTF-8 text. No byte of it is told.
pub fn read(from: &From, slot: Slot, vault: &Vault) -> Result<bool, Failure> {
    let told = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("{} for {}: {why}", safe(&from.path), safe(&from.input)))
    };
    let mut file = File::open(&from.path).map_err(|e| told(&e))?;
    let bytes = whole(&mut file).map_err(|e| told(&e))?;
    keep(bytes, slot, vault).map_err(|why| told(&why))
}

/// All of it. The room is made once; a byte more than may be tells that there is more.
fn whole(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST + 3]);
    let mut len = 0;
    while len < bytes.len() {
        match from.read(&mut bytes[len..]) {
            Ok(0) => break,
            Ok(n) => len += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

fn keep(mut bytes: Zeroizing<Vec<u8>>, slot: Slot, vault: &Vault) -> Result<bool, &'static str> {
    let newline = if bytes.ends_with(b"\r\n") { 2 } else { usize::from(bytes.ends_with(b"\n")) };
    let len = bytes.len() - newline;
    bytes.truncate(len);
    if bytes.is_empty() {
        return Err("it is empty");
    }
    if bytes.len() > LONGEST {
        return Err("it is longer than 65,536 bytes");
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err("it is not UTF-8 text");
    }
    vault.put(slot, bytes);
    Ok(newline > 0)
}

/// Asks for a secret twice and puts it into a slot; `false` if the person declined.
///
/// # Errors
/// The two are not the same three times over, or what was typed is empty.
pub async fn ask(input: &str, slot: &Slot, vault: &Vault, prompt: &dyn Prompt) -> Result<bool, Failure> {
    for _ in 0..3 {
        let Some(first) = prompt.ask_secret(&format!("{} (not shown)", safe(input))).await else {
            return Ok(false);
        };
        let Some(again) = prompt.ask_secret(&format!("{} again", safe(input))).await else {
            return Ok(false);
        };
        if *first == *again && !first.is_empty() {
            let mut bytes = Zeroizing::new(Vec::with_capacity(first.len()));
            bytes.extend_from_slice(first.as_bytes());
            vault.put(slot.clone(), bytes);
            return Ok(true);
        }
    }
    Err(Failure::usage(format!("{}: it was empty or not typed the same twice", safe(input))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::BoxFuture;
    use std::sync::Mutex;

    fn held(vault: &Vault) -> Option<String> {
        vault.with(&Slot::new("value"), |b| String::from_utf8(b.to_vec()).unwrap())
    }

    #[test]
    fn one_final_newline_is_stripped() {
        for (text, want, stripped) in [
            ("a", "a", false),
            ("a\n", "a", true),
            ("a\r\n", "a", true),
            ("a\n\n", "a\n", true),
            (" a ", " a ", false),
        ] {
            let vault = Vault::default();
            let bytes = whole(&mut text.as_bytes()).unwrap();
            assert_eq!(keep(bytes, Slot::new("value"), &vault), Ok(stripped));
            assert_eq!(held(&vault).as_deref(), Some(want));
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_told() {
        let longest = vec![b'a'; LONGEST];
        let mut longer = longest.clone();
        longer.push(b'a');
        let keep = |bytes: &[u8]| keep(whole(&mut &*bytes).unwrap(), Slot::new("value"), &Vault::default());
        assert_eq!(keep(&longest), Ok(false));
        let mut with_newline = longest;
        with_newline.extend_from_slice(b"\r\n");
        assert_eq!(keep(&with_newline), Ok(true));
        for bad in [&longer[..], b"", b"\n", b"hunter2\xff"] {
            let why = keep(bad).unwrap_err();
            assert!(!why.contains("hunter2"));
        }
    }

    #[test]
    fn files_and_descriptors_are_told_apart() {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let found = sources(&list(&["value=/a=b"]), &list(&["other=3"])).unwrap();
        let paths: Vec<_> = found.iter().map(|f| (f.input.as_str(), f.path.as_str())).collect();
        assert_eq!(paths, [("value", "/a=b"), ("other", "/dev/fd/3")]);
        for (files, fds) in [
            (&["value"][..], &[][..]),
            (&["=x"], &[]),
            (&["value="], &[]),
            (&[], &["value=hunter2"]),
            (&[], &["value=1"]),
            (&["value=x"], &["value=3"]),
        ] {
            let told = sources(&list(files), &list(fds)).unwrap_err();
            assert!(!told.words.contains("hunter2"), "{told}");
        }
    }

    struct Says(Mutex<Vec<&'static str>>);
    impl Prompt for Says {
        fn ask_secret<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Zeroizing<String>>> {
            let next = self.0.lock().unwrap().pop();
            Box::pin(async move { next.map(|s| Zeroizing::new(s.to_owned())) })
        }
    }

    fn asked(mut answers: Vec<&'static str>) -> (Result<bool, Failure>, Option<String>) {
        answers.reverse();
        let (vault, prompt) = (Vault::default(), Says(Mutex::new(answers)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let done = runtime.block_on(ask("value", &Slot::new("value"), &vault, &prompt));
        (done, held(&vault))
    }

    #[test]
    fn it_is_typed_twice() {
        assert_eq!(asked(vec!["a", "a"]), (Ok(true), Some("a".to_owned())));
        assert_eq!(asked(vec!["a", "b", "", "", "c", "c"]), (Ok(true), Some("c".to_owned())));
        assert_eq!(asked(vec!["a"]), (Ok(false), None));
        let (told, kept) = asked(vec!["hunter2", "b", "a", "b", "a", "b"]);
        assert!(!told.unwrap_err().words.contains("hunter2"));
        assert_eq!(kept, None);
    }
}

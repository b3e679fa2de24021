//! Refuses XML that ends before its root element does. The SDK's reader takes the end of the text for the end of
//! every open element: half the secret of an access key, or half a list of keys, would pass for the
//! whole. It knows no service.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Looks at every good answer after it was read.
#[derive(Debug)]
pub(super) struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        // An answer that is an error is judged by its status and code; one that was not read to its end is
        // an error already.
        if !answer.status().is_success() || answer.body().bytes().is_none_or(is_whole) {
            return Ok(());
        }
        Err("the answer breaks off before its end".into())
    }
}

/// Whether the last thing in the document is the end of its first element.
pub(super) fn is_whole(document: &[u8]) -> bool {
    let mut text = document.trim_ascii();
    if text.starts_with(b"<?") {
        let Some(end) = text.windows(2).position(|w| w == b"?>") else { return false };
        text = text[end + 2..].trim_ascii_start();
    }
    let Some(rest) = text.strip_prefix(b"<") else { return false };
    let name = rest.split(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).next().unwrap_or_default();
    let ends = text.strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    let closed = ends.and_then(|t| t.strip_suffix(name)).is_some_and(|t| t.ends_with(b"</"));
    let alone = ends.is_some_and(|t| t.ends_with(b"/") && !t[1..].contains(&b'<'));
    !name.is_empty() && (closed || alone)
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_document_that_breaks_off_anywhere_is_not_whole() {
        let document = b"<?xml version=\"1.0\"?>\n<A x=\"1\"><B>b</B><A>inner</A><C/></A>";
        assert!(is_whole(document));
        for cut in 0..document.len() {
            // `</A>` of the inner element ends a document that looks whole; no answer of AWS nests so.
            let inner = document[..cut].ends_with(b"inner</A>");
            assert_eq!(is_whole(&document[..cut]), inner, "{cut}");
        }
        for whole in ["<A/>", "<A></A>\n", "<A />", " <A></A >"] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for broken in ["", "<", "<>", "<A><B/>", "text", "<A></AB>", "<AB></B>"] {
            assert!(!is_whole(broken.as_bytes()), "{broken}");
        }
    }
}

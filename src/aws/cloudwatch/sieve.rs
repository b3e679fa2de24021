//! Stands between the answer to one `DescribeAlarms` and the SDK's parser, and holds back what is known. A body that
//! cannot be read to its end fails as it would without.

use super::known::{Known, Sifted};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body::{Body, Frame};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// For one call.
#[derive(Clone, Debug)]
pub(super) struct Sieve {
    known: Arc<Known>,
    sifted: Arc<Mutex<Sifted>>,
}

impl Sieve {
    pub(super) fn new(known: &Arc<Known>) -> Self {
        Self { known: Arc::clone(known), sifted: Arc::default() }
    }

    /// What was held back, and the marks of what was not.
    pub(super) fn take(&self) -> Sifted {
        std::mem::take(&mut self.sifted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn rest(&self, answer: Vec<u8>) -> Bytes {
        let (rest, sifted) = self.known.sift(&answer);
        *self.sifted.lock().unwrap_or_else(PoisonError::into_inner) = sifted;
        rest.unwrap_or(answer).into()
    }
}

impl Intercept for Sieve {
    fn name(&self) -> &'static str {
        "Sieve"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response_mut();
        if answer.status().is_success() {
            let whole = Whole { body: answer.take_body(), read: Some(Vec::new()), sieve: self.clone() };
            *answer.body_mut() = SdkBody::from_body_1_x(whole);
        }
        Ok(())
    }
}

/// A body that is read to its end before any of it is given on.
struct Whole {
    body: SdkBody,
    read: Option<Vec<u8>>,
    sieve: Sieve,
}

impl Body for Whole {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        loop {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let (Ok(data), Some(read)) = (frame.into_data(), &mut this.read) {
                        read.extend_from_slice(&data);
                    }
                }
                Some(Err(e)) => return Poll::Ready(Some(Err(e))),
                None => {
                    let read = this.read.take();
                    return Poll::Ready(read.map(|all| Ok(Frame::data(this.sieve.rest(all)))));
                }
            }
        }
    }
}

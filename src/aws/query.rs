//! The few requests of RDS and EC2, which speak the Query protocol: a form is signed with aws-sigv4 and sent over the HTTP
//! client that is under the SDK's clients too, to the endpoint that they would take; errors become the SDK's, so that
//! they are judged in one place. What is signed and sent need not be a form: CloudWatch Logs is asked over [`exchange`]. A whole SDK crate for each would be most of the build (EC2's alone takes minutes and
//! gigabytes). Sources: "AWS Query protocol" (Smithy); "Query requests for Amazon EC2".

#![allow(clippy::result_large_err)] // the error is the SDK's own, so that one place judges it

use super::clients::Clients;
use super::endpoints;
use super::fault::Judge;
use super::whole::is_whole;
use crate::estate::{Fault, Region, Service};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use std::error::Error;
use std::fmt;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// What a request says, as a form. Its buffer holds a password at times, so it is made in one piece.
pub(super) struct Form {
    plain: String,
    secret: Option<(&'static str, Zeroizing<Vec<u8>>)>,
}

impl Form {
    pub(super) fn of(action: &str, version: &str) -> Self {
        Self { plain: format!("Action={action}&Version={version}"), secret: None }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let mut bytes = Vec::new();
        encode(value.as_bytes(), &mut bytes);
        self.plain.push('&');
        self.plain.push_str(name);
        self.plain.push('=');
        // What is encoded is ASCII.
        self.plain.push_str(&String::from_utf8_lossy(&bytes));
        self
    }

    pub(super) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a value that nothing else may keep.
    pub(super) fn secret(self, name: &'static str, value: Zeroizing<Vec<u8>>) -> Self {
        Self { secret: Some((name, value)), ..self }
    }

    fn body(&self) -> Zeroizing<Vec<u8>> {
        let more = self.secret.as_ref().map_or(0, |(name, value)| name.len() + 3 * value.len() + 2);
        let mut body = Zeroizing::new(Vec::with_capacity(self.plain.len() + more));
        body.extend_from_slice(self.plain.as_bytes());
        if let Some((name, value)) = &self.secret {
            body.push(b'&');
            body.extend_from_slice(name.as_bytes());
            body.push(b'=');
            encode(value, &mut body);
        }
        body
    }
}

/// Percent-encoding as signatures have it: all but letters, digits and `-_.~` (Signature Version 4, "UriEncode").
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            _ => out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
}

/// A place in an answer.
pub(super) type Xml<'i, 'a> = ScopedDecoder<'i, 'a>;

/// Goes through the children of an element.
pub(super) fn each<'i>(
    xml: &mut Xml<'i, '_>,
    mut child: impl FnMut(&str, &mut Xml<'i, '_>) -> Result<(), XmlDecodeError>,
) -> Result<(), XmlDecodeError> {
    while let Some(mut tag) = xml.next_tag() {
        let name = tag.start_el().local().to_owned();
        child(&name, &mut tag)?;
    }
    Ok(())
}

/// The text of an element.
pub(super) fn text(xml: &mut Xml<'_, '_>) -> Result<String, XmlDecodeError> {
    Ok(try_data(xml)?.into_owned())
}

/// The text of an element; one that is empty is as good as none.
pub(super) fn filled(xml: &mut Xml<'_, '_>) -> Read<Option<String>> {
    Ok(Some(text(xml)?).filter(|t| !t.is_empty()))
}

/// What is read of an element, or why it cannot be.
pub(super) type Read<T> = Result<T, XmlDecodeError>;

/// The rows of a list among the children of an element, and where the next page begins; `None`: the list is not there.
pub(super) fn rows<T>(
    xml: &mut Xml<'_, '_>,
    (list, marker): (&str, &str),
    row: impl Fn(&mut Xml<'_, '_>) -> Read<T>,
) -> Read<(Option<Vec<T>>, Option<String>)> {
    let (mut all, mut after) = (None, None);
    each(xml, |name, tag| {
        if name == marker {
            after = filled(tag)?;
        } else if name == list {
            let rows = all.get_or_insert_with(Vec::new);
            each(tag, |_, tag| {
                rows.push(row(tag)?);
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok((all, after))
}

/// An error of the service, or a good answer that cannot be understood.
#[derive(Debug)]
pub(super) struct Odd {
    said: ErrorMetadata,
    cause: Option<BoxError>,
}

impl Odd {
    /// The service says that it was refused.
    pub(super) fn refused(said: ErrorMetadata) -> Self {
        Self { said, cause: None }
    }

    /// A good answer cannot be understood.
    pub(super) fn unread(cause: BoxError) -> Self {
        Self { said: ErrorMetadata::builder().build(), cause: Some(cause) }
    }
}

/// What is sent.
pub(super) struct Sent {
    /// `Content-Type`.
    pub kind: &'static str,
    /// `X-Amz-Target`, where the protocol has it.
    pub target: Option<&'static str>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

/// What came of sending: the whole answer, understood or not.
pub(super) type Outcome<T> = Result<T, SdkError<Odd, HttpResponse>>;

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is an error")
    }
}

impl Error for Odd {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|c| c.as_ref() as &(dyn Error + 'static))
    }
}

impl ProvideErrorMetadata for Odd {
    fn meta(&self) -> &ErrorMetadata {
        &self.said
    }
}

/// Sends one request, and takes its answer apart.
pub(super) async fn call<T>(
    clients: &Clients,
    (service, at): (Service, &Region),
    credentials: &Credentials,
    form: &Form,
    judge: &Judge<'_>,
    read: impl FnOnce(&mut Xml<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<T, Fault> {
    let sent = Sent { kind: "application/x-www-form-urlencoded", target: None, body: form.body() };
    exchange(clients, (service, at), credentials, sent, judge, |answer| understood(answer, read)).await
}

/// Sends one signed request, and has its answer taken apart.
pub(super) async fn exchange<T>(
    clients: &Clients,
    (service, at): (Service, &Region),
    credentials: &Credentials,
    sent: Sent,
    judge: &Judge<'_>,
    understood: impl FnOnce(HttpResponse) -> Outcome<T>,
) -> Result<T, Fault> {
    let sdk = clients.in_region(at);
    let outcome = match endpoints::of(service, &sdk).await {
        Ok(url) => send(clients, (signing_name(service), at), &url, credentials, sent).await,
        Err(why) => Err(SdkError::construction_failure(why)),
    };
    judge.of(outcome.and_then(understood))
}

/// The service's name in a signature.
fn signing_name(service: Service) -> &'static str {
    match service {
        Service::Ec2 => "ec2",
        Service::Rds => "rds",
        Service::CloudWatch
        | Service::Sqs
        | Service::Wafv2
        | Service::SecretsManager
        | Service::Sts
        | Service::Lambda
        | Service::Iam
        | Service::ApiGateway
        | Service::CloudTrail
        | Service::Sns
        | Service::Kms => "",
        Service::Logs => "logs",
        Service::Events => "events",
    }
}

async fn send(
    clients: &Clients,
    (name, at): (&'static str, &Region),
    url: &str,
    credentials: &Credentials,
    sent: Sent,
) -> Outcome<HttpResponse> {
    let request = request((name, at), url, credentials, sent).map_err(SdkError::construction_failure)?;
    let limit = clients.sdk().timeout_config().and_then(|t| t.operation_attempt_timeout());
    let whole = async {
        let mut answer = clients.http().call(request).await.map_err(SdkError::dispatch_failure)?;
        match ByteStream::new(answer.take_body()).collect().await {
            Ok(bytes) => {
                *answer.body_mut() = SdkBody::from(bytes.into_bytes());
                Ok(answer)
            }
            Err(e) => Err(SdkError::response_error(e, answer)),
        }
    };
    match limit {
        None => whole.await,
        Some(limit) => match tokio::time::timeout(limit, whole).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SdkError::timeout_error(format!("no answer within {limit:?}"))),
        },
    }
}

fn request(
    (name, at): (&'static str, &Region),
    url: &str,
    credentials: &Credentials,
    sent: Sent,
) -> Result<HttpRequest, BoxError> {
    let uri = if url.ends_with('/') { url.to_owned() } else { format!("{url}/") };
    let Sent { kind, target, mut body } = sent;
    let mut headers = vec![
        ("content-type", kind),
        // So that whoever reads CloudTrail sees who asked.
        ("user-agent", concat!("bartizan/", env!("CARGO_PKG_VERSION"))),
    ];
    headers.extend(target.map(|target| ("x-amz-target", target)));
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(at.as_str())
        .name(name)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?;
    let signable = SignableRequest::new("POST", &uri, headers.iter().copied(), SignableBody::Bytes(&body))?;
    let (signed, _) = sign(signable, &params.into())?.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(std::mem::take(&mut *body)));
    request.set_method("POST")?;
    request.set_uri(uri.as_str())?;
    for (name, value) in headers {
        request.headers_mut().try_insert(name, value)?;
    }
    for (name, value) in signed.headers() {
        request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
    }
    Ok(request)
}

fn understood<T>(
    answer: HttpResponse,
    read: impl FnOnce(&mut Xml<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Outcome<T> {
    let body = answer.body().bytes().unwrap_or_default();
    let good = answer.status().is_success();
    let outcome = if good { good_answer(body, read) } else { Err(Odd::refused(error(body))) };
    outcome.map_err(|odd| SdkError::service_error(odd, answer))
}

fn good_answer<T>(
    body: &[u8],
    read: impl FnOnce(&mut Xml<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<T, Odd> {
    let odd = Odd::unread;
    let text = std::str::from_utf8(body).map_err(|e| odd(e.into()))?;
    if !is_whole(body) {
        return Err(odd("the answer breaks off before its end, or is no XML".into()));
    }
    let mut document = Document::new(text);
    let mut root = document.root_element().map_err(|e| odd(e.into()))?;
    // A service in front of the service may answer 200 with anything.
    if !root.start_el().local().ends_with("Response") {
        return Err(odd("the answer is another document".into()));
    }
    read(&mut root).map_err(|e| odd(e.into()))
}

/// Code and message of an error: below `ErrorResponse` (RDS) or below `Response` and `Errors` (EC2).
fn error(body: &[u8]) -> ErrorMetadata {
    let mut said = ErrorMetadata::builder();
    let Ok(body) = std::str::from_utf8(body) else { return said.build() };
    let mut document = Document::new(body);
    let Ok(mut root) = document.root_element() else { return said.build() };
    let mut found = (None, None);
    let outcome = each(&mut root, |name, tag| match name {
        "Error" => one_error(tag, &mut found),
        "Errors" => each(tag, |name, tag| match name {
            "Error" => one_error(tag, &mut found),
            _ => Ok(()),
        }),
        _ => Ok(()),
    });
    // Half an error is one still.
    if outcome.is_err() && found.0.is_none() {
        return said.build();
    }
    if let Some(code) = found.0 {
        said = said.code(code);
    }
    if let Some(message) = found.1 {
        said = said.message(message);
    }
    said.build()
}

fn one_error(
    xml: &mut Xml<'_, '_>,
    found: &mut (Option<String>, Option<String>),
) -> Result<(), XmlDecodeError> {
    each(xml, |name, tag| {
        match name {
            "Code" => found.0 = Some(text(tag)?),
            "Message" => found.1 = Some(text(tag)?),
            _ => {}
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_as_signatures_have_it() {
        let form = Form::of("ModifyDBInstance", "2014-10-31")
            .with("DBInstanceIdentifier", "a b/c~d")
            .maybe("Marker", None)
            .secret("MasterUserPassword", Zeroizing::new(b"x+y".to_vec()));
        let body = form.body();
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            "Action=ModifyDBInstance&Version=2014-10-31&DBInstanceIdentifier=a%20b%2Fc~d&MasterUserPassword=x%2By"
        );
        assert!(body.capacity() >= body.len() && !form.plain.contains("x%2By"));
    }

    #[test]
    fn errors_of_both_services_are_read() {
        let rds = b"<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code>\
                    <Message>no &lt;db&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        let ec2 = b"<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>InvalidGroup.NotFound</Code>\
                    <Message>gone</Message></Error></Errors><RequestID>r</RequestID></Response>";
        let (rds, ec2) = (error(rds), error(ec2));
        assert_eq!((rds.code(), rds.message()), (Some("DBInstanceNotFound"), Some("no <db>")));
        assert_eq!((ec2.code(), ec2.message()), (Some("InvalidGroup.NotFound"), Some("gone")));
        for odd in [&b"nonsense"[..], b"", b"\xff", b"<html><body/></html>"] {
            assert_eq!(error(odd).code(), None);
        }
    }
}

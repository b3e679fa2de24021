//! The one HTTP client under all SDK clients of an estate: rustls with ring, the CA bundle and the proxies
//! that the environment names, and connections that are dropped when they are likely dead. Nothing is loaded
//! before the first request that needs it. It knows nothing of AWS's services.

use super::fault::date;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The metadata services of instances and containers are on the same host: who is not there in a second is
/// nowhere.
const NEAR: Duration = Duration::from_secs(1);
/// Idle connections are kept a little longer than the longest ordinary interval between two polls.
const IDLE: Duration = Duration::from_secs(75);
/// A request that was given up after so long may have hung on a dead connection.
const SUSPICIOUS: Duration = Duration::from_secs(5);
/// Wall and steady clock part by so much only when the machine slept.
const SLEPT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(super) struct Http(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ca_bundle: Option<PathBuf>,
    connect_timeout: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    near: Option<SharedHttpConnector>,
    local: Option<SharedHttpConnector>,
    plain: Option<SharedHttpConnector>,
    tls: Option<Result<SharedHttpConnector, String>>,
    last: Option<(Instant, SystemTime)>,
    ahead_s: Option<i64>,
}

/// How a host is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// A metadata service: never through a proxy.
    Near,
    /// An emulator or a tunnel on this machine: never through a proxy either.
    Local,
    Plain,
    Tls,
}

impl Way {
    fn to(uri: &str) -> Self {
        let Some(rest) = uri.strip_prefix("http://") else { return Way::Tls };
        let host = |starts: &[&str]| starts.iter().any(|p| rest.starts_with(p));
        if host(&["169.254.", "[fd00:ec2::"]) {
            Way::Near
        } else if host(&["127.", "[::1]", "localhost:", "localhost/"]) {
            Way::Local
        } else {
            Way::Plain
        }
    }
}

impl Http {
    pub(super) fn new(ca_bundle: Option<PathBuf>, connect_timeout: Duration) -> Self {
        Self(Arc::new(Inner { ca_bundle, connect_timeout, state: Mutex::default() }))
    }

    /// Seconds that this machine's clock was ahead of the last answer's `Date`.
    pub(super) fn ahead_s(&self) -> Option<i64> {
        self.0.state().ahead_s
    }

    /// The CA bundle that TLS trusts instead of the system's certificates, or why it cannot be used.
    pub(super) fn ca_bundle(&self) -> Option<Result<String, String>> {
        let path = self.0.ca_bundle.as_deref()?;
        Some(certificates(path).map(|_| path.display().to_string()))
    }
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri()).to_owned();
        let connector = match self.0.connector(Way::to(request.uri())) {
            Ok(connector) => connector,
            Err(why) => return HttpConnectorFuture::ready(Err(ConnectorError::io(Unmade(why).into()))),
        };
        let answer = connector.call(request);
        let watch = Watch { inner: self.0.clone(), since: Instant::now(), ended: false };
        HttpConnectorFuture::new(async move { watch.over(answer.await).map_err(|e| towards(host, e)) })
    }
}

/// There is nothing to connect with, for this reason: no request was sent.
#[derive(Debug)]
pub(super) struct Unmade(String);

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unmade {}

/// Which host a connection failed to, which no error of the layers below says.
#[derive(Debug)]
pub(super) struct Towards {
    pub host: String,
    cause: BoxError,
}

impl fmt::Display for Towards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connecting to {} failed", self.host)
    }
}

impl Error for Towards {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

fn towards(host: String, e: ConnectorError) -> ConnectorError {
    let kind = e.as_other();
    let [timeout, io, user] = [e.is_timeout(), e.is_io(), e.is_user()];
    let cause = Box::new(Towards { host, cause: e.into_source() });
    match (timeout, io, user) {
        (true, _, _) => ConnectorError::timeout(cause),
        (_, true, _) => ConnectorError::io(cause),
        (_, _, true) => ConnectorError::user(cause),
        (false, false, false) => ConnectorError::other(cause, kind),
    }
}

/// Host and port of a URL.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Sees how a request ends; one that is dropped after a long silence takes the connections with it, for the
/// others were opened before the same network failed.
struct Watch {
    inner: Arc<Inner>,
    since: Instant,
    ended: bool,
}

impl Watch {
    fn over(mut self, answer: Result<HttpResponse, ConnectorError>) -> Result<HttpResponse, ConnectorError> {
        self.ended = true;
        match &answer {
            Ok(response) => {
                if let Some(theirs) = response.headers().get("date").and_then(date) {
                    let ours =
                        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
                    let ours = i64::try_from(ours).unwrap_or(i64::MAX);
                    self.inner.state().ahead_s = Some(ours.saturating_sub(theirs.as_second()));
                }
            }
            Err(e) if e.is_timeout() && self.since.elapsed() >= SUSPICIOUS => self.inner.forget(),
            Err(_) => {}
        }
        answer
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.ended && self.since.elapsed() >= SUSPICIOUS {
            self.inner.forget();
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes idle connections; requests on their way keep theirs.
    fn forget(&self) {
        let mut state = self.state();
        (state.near, state.local, state.plain) = (None, None, None);
        // A bundle that could not be read stays unread: it would be opened for every request.
        state.tls = state.tls.take().filter(Result::is_err);
    }

    fn connector(&self, way: Way) -> Result<SharedHttpConnector, String> {
        if self.slept() {
            self.forget();
        }
        let mut state = self.state();
        match way {
            Way::Near => Ok(state.near.get_or_insert_with(|| plain(ProxyConfig::disabled(), NEAR)).clone()),
            Way::Local => {
                let make = || plain(ProxyConfig::disabled(), self.connect_timeout);
                Ok(state.local.get_or_insert_with(make).clone())
            }
            Way::Plain => {
                let make = || plain(ProxyConfig::from_env(), self.connect_timeout);
                Ok(state.plain.get_or_insert_with(make).clone())
            }
            Way::Tls => state.tls.get_or_insert_with(|| self.tls()).clone(),
        }
    }

    /// Whether the machine slept since the last request, so that every open connection is dead. The steady
    /// clock of Linux stands still in the meantime, hence idle time-outs do not notice.
    fn slept(&self) -> bool {
        let now = (Instant::now(), SystemTime::now());
        let Some((steady, wall)) = self.state().last.replace(now) else { return false };
        let wall = now.1.duration_since(wall).unwrap_or_default();
        wall > now.0.duration_since(steady) + SLEPT
    }

    fn tls(&self) -> Result<SharedHttpConnector, String> {
        let trust = match &self.ca_bundle {
            None => TrustStore::default(),
            Some(path) => TrustStore::empty().with_pem_certificate(certificates(path)?),
        };
        let context = TlsContext::builder().with_trust_store(trust).build().map_err(|e| e.to_string())?;
        let connector = Connector::builder()
            .connector_settings(settings(self.connect_timeout))
            .pool_idle_timeout(IDLE)
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build();
        Ok(SharedHttpConnector::new(connector))
    }
}

fn plain(proxy: ProxyConfig, connect_timeout: Duration) -> SharedHttpConnector {
    let builder = Connector::builder().connector_settings(settings(connect_timeout)).pool_idle_timeout(IDLE);
    SharedHttpConnector::new(builder.proxy_config(proxy).build_http())
}

fn settings(connect_timeout: Duration) -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(connect_timeout).build()
}

/// The certificates of a bundle that can be used, written out again: the connector panics on one that cannot.
fn certificates(path: &Path) -> Result<Vec<u8>, String> {
    let shown =
        format!("the CA bundle {}, which AWS_CA_BUNDLE or the profile's ca_bundle names,", path.display());
    let bytes = std::fs::read(path).map_err(|e| format!("{shown} cannot be read: {e}"))?;
    let mut store = RootCertStore::empty();
    let mut pem = String::new();
    for der in CertificateDer::pem_slice_iter(&bytes) {
        let der = der.map_err(|e| format!("{shown} is not PEM: {e}"))?;
        if store.add(der.clone()).is_ok() {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(&der);
            pem.push_str(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        }
    }
    if store.is_empty() {
        return Err(format!("{shown} has no certificate that can be used"));
    }
    Ok(pem.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_and_loopback_are_never_behind_a_proxy() {
        for (uri, way) in [
            ("http://169.254.169.254/latest", Way::Near),
            ("http://[fd00:ec2::254]/latest", Way::Near),
            ("http://127.0.0.1:4566/", Way::Local),
            ("http://localhost:4566/", Way::Local),
            ("http://[::1]:4566/", Way::Local),
            ("http://localhost.example/", Way::Plain),
            ("http://10.0.0.1/", Way::Plain),
            ("https://sqs.eu-central-1.amazonaws.com/", Way::Tls),
        ] {
            assert_eq!(Way::to(uri), way, "{uri}");
        }
    }

    #[test]
    fn connections_do_not_outlive_a_sleep_of_the_machine() {
        let http = Http::new(None, NEAR);
        let inner = &http.0;
        assert!(inner.connector(Way::Local).is_ok());
        assert!(!inner.slept());
        assert!(inner.state().local.is_some());
        let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
        inner.state().last = Some((Instant::now(), an_hour_ago));
        assert!(inner.connector(Way::Plain).is_ok());
        assert!(inner.state().local.is_none(), "the pool of before is still there");
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_said_with_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let said = |path: &Path| certificates(path).unwrap_err();
        assert!(said(&path).contains("cannot be read"));
        std::fs::write(&path, "hello").unwrap();
        assert!(said(&path).contains("no certificate"));
        let bad = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, bad).unwrap();
        assert!(said(&path).contains("no certificate") && said(&path).contains("ca.pem"));
        let http = Http::new(Some(path), NEAR);
        assert!(http.0.connector(Way::Tls).is_err());
        assert!(http.0.connector(Way::Local).is_ok(), "who needs no TLS needs no bundle");
    }
}

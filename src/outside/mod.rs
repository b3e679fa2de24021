//! The port to what is not AWS: canary requests over HTTP. It knows no AWS service and none of the ports'
//! other sides; it gives no more of an answer than its status.

mod request;
mod tell;
mod tls;

#[cfg(test)]
mod tests;

use crate::estate::{BoxFuture, Canary, Fault, FaultKind, Listener, Outside, Vault};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use request::{Target, Way};
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long one request may take in all: name, connection, TLS and the head of the answer.
pub const LIMIT: Duration = Duration::from_secs(10);

/// What a fault names as the operation.
const CANARY: &str = "canary";

/// Sends canary requests: each over a connection of its own, which is closed with the status of the answer.
/// Redirects are not followed, for the key would go elsewhere; nothing is sent twice.
pub struct Http {
    ca_bundle: Option<PathBuf>,
    limit: Duration,
    tls: OnceLock<Result<SharedHttpConnector, String>>,
}

impl Http {
    /// Trusts the system's certificates and those of `ca_bundle` (PEM), which is what `AWS_CA_BUNDLE` names.
    /// Neither is read before the first request over TLS. Proxies are those of the environment
    /// (`HTTPS_PROXY`, `NO_PROXY`); this machine is never asked through one.
    #[must_use]
    pub fn new(ca_bundle: Option<PathBuf>) -> Self {
        Self::within(ca_bundle, LIMIT)
    }

    fn within(ca_bundle: Option<PathBuf>, limit: Duration) -> Self {
        Self { ca_bundle, limit, tls: OnceLock::new() }
    }

    /// The same, as the port.
    #[must_use]
    pub fn port(ca_bundle: Option<PathBuf>) -> Arc<dyn Outside> {
        Arc::new(Self::new(ca_bundle))
    }

    fn connector(&self, target: &Target, operation: &'static str) -> Result<SharedHttpConnector, Fault> {
        let ready = match target.way {
            Way::Plain => {
                let plain = Connector::builder().pool_max_idle_per_host(0);
                Ok(SharedHttpConnector::new(plain.proxy_config(ProxyConfig::disabled()).build_http()))
            }
            Way::TlsHere => tls::connector(self.ca_bundle.as_deref(), ProxyConfig::disabled()),
            Way::Tls => {
                let make = || tls::connector(self.ca_bundle.as_deref(), ProxyConfig::from_env());
                self.tls.get_or_init(make).clone()
            }
        };
        ready.map_err(|why| Fault::new(FaultKind::Unsupported, operation, why))
    }

    async fn send(
        &self,
        target: &Target,
        request: HttpRequest,
        operation: &'static str,
    ) -> Result<u16, Fault> {
        let connector = self.connector(target, operation)?;
        let answer = match tokio::time::timeout(self.limit, connector.call(request)).await {
            Ok(answer) => answer,
            Err(_) => return Err(Fault::new(FaultKind::TimedOut, operation, target.host.as_str())),
        };
        match answer {
            // The answer is dropped here, and its connection with it: no byte of the body is asked for.
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(e) => Err(unreachable(target, &e, operation)),
        }
    }
}

impl Outside for Http {
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async move {
            let (target, request) = request::request(canary, vault)?;
            self.send(&target, request, CANARY).await
        })
    }

    fn tell<'a>(
        &'a self,
        to: &'a Listener,
        text: &'a str,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let Listener::Webhook(address) = to else {
                let why = "a topic is told through AWS";
                return Err(Fault::new(FaultKind::Unsupported, tell::TELL, why));
            };
            let (target, request) = tell::request(address, text, vault)?;
            match self.send(&target, request, tell::TELL).await? {
                200..=299 => Ok(()),
                status => {
                    let said = format!("{} answered {status}", target.host);
                    Err(Fault::new(FaultKind::Invalid, tell::TELL, said))
                }
            }
        })
    }
}

fn invalid(why: &'static str) -> Fault {
    Fault::new(FaultKind::Invalid, CANARY, why)
}

/// The host and the last cause. What lies between them may quote the request.
fn unreachable(target: &Target, e: &ConnectorError, operation: &'static str) -> Fault {
    let kind = if e.is_timeout() { FaultKind::TimedOut } else { FaultKind::Unreachable };
    let mut cause: &dyn Error = e;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Fault::new(kind, operation, format!("{}: {cause}", target.host))
}

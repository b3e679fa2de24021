//! TLS for canaries: rustls with ring, the system's certificates and those of a bundle. The one file that is
//! read here is the bundle.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;

/// # Errors
/// The bundle cannot be read, is not PEM, or has no certificate that can be used; in words.
pub(super) fn connector(ca_bundle: Option<&Path>, proxy: ProxyConfig) -> Result<SharedHttpConnector, String> {
    let mut trust = TrustStore::default();
    if let Some(path) = ca_bundle {
        // Beside the system's, unlike AWS's clients: a canary may be of the company or of the world.
        trust = trust.with_pem_certificate(certificates(path)?);
    }
    let context = TlsContext::builder().with_trust_store(trust).build().map_err(|e| e.to_string())?;
    let connector = Connector::builder()
        .pool_max_idle_per_host(0)
        .proxy_config(proxy)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build();
    Ok(SharedHttpConnector::new(connector))
}

/// The certificates of a bundle that can be used, written out again: the connector panics on one that cannot.
fn certificates(path: &Path) -> Result<Vec<u8>, String> {
    use base64::Engine;
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|e| format!("the CA bundle {shown} cannot be read: {e}"))?;
    let mut store = RootCertStore::empty();
    let mut pem = String::new();
    for der in CertificateDer::pem_slice_iter(&bytes) {
        let der = der.map_err(|e| format!("the CA bundle {shown} is not PEM: {e}"))?;
        if store.add(der.clone()).is_ok() {
            let text = base64::engine::general_purpose::STANDARD.encode(&der);
            pem.push_str(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        }
    }
    if store.is_empty() {
        return Err(format!("the CA bundle {shown} has no certificate that can be used"));
    }
    Ok(pem.into_bytes())
}

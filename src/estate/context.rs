//! A context: one way into one account and Region, as the configuration or the command line names it.

use super::at::Region;
use super::untrusted::Untrusted;

/// What is needed to open an estate, and how it is told apart on screen. Holds no credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Context {
    /// Its name, e.g. `prod-eu`; `practice` for the practice estate.
    pub name: Untrusted,
    /// The AWS profile, where one is named.
    pub profile: Option<String>,
    /// The Region, where one is named; else the AWS chain decides.
    pub region: Option<Region>,
    /// A role to assume over the profile's credentials.
    pub role: Option<String>,
    /// The serial of the MFA device that assuming `role` needs.
    pub mfa_serial: Option<String>,
    /// An endpoint for every service, for emulators and private endpoints.
    pub endpoint: Option<String>,
    /// No change may be made in it.
    pub read_only: bool,
    /// Changes in it need the account alias typed.
    pub production: bool,
    /// The colour of its identity band: a name that the theme knows.
    pub colour: Option<String>,
}

impl Context {
    /// A context of that name that says nothing else: the AWS chain decides, and changes may be made.
    #[must_use]
    pub fn named(name: impl Into<Untrusted>) -> Self {
        Self {
            name: name.into(),
            profile: None,
            region: None,
            role: None,
            mfa_serial: None,
            endpoint: None,
            read_only: false,
            production: false,
            colour: None,
        }
    }
}

//! Where credentials come from, and what a person does when they are no longer good. Pure; it reads no file
//! and no variable.

/// What the credentials of a session were loaded from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nothing was found yet.
    Nowhere,
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// Keys written in a profile.
    Keys {
        /// The profile.
        profile: String,
    },
    /// IAM Identity Center, through `aws sso login`.
    Sso {
        /// The profile.
        profile: String,
    },
    /// The console session of `aws login`.
    Login {
        /// The profile.
        profile: String,
    },
    /// A `credential_process`.
    Process {
        /// The profile.
        profile: String,
    },
    /// A web identity token file, as Kubernetes gives it.
    WebIdentity,
    /// The credentials endpoint of a container.
    Container,
    /// The metadata service of an instance.
    Instance,
    /// A role that was assumed.
    Role {
        /// The role's ARN.
        arn: String,
        /// What it was assumed with.
        over: Box<Origin>,
    },
}

impl Origin {
    /// In a few words, as `doctor` says it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Origin::Nowhere => "nowhere".to_owned(),
            Origin::Environment => "environment variables".to_owned(),
            Origin::Keys { profile } => format!("keys of profile {profile}"),
            Origin::Sso { profile } => format!("IAM Identity Center, profile {profile}"),
            Origin::Login { profile } => format!("`aws login`, profile {profile}"),
            Origin::Process { profile } => format!("credential_process of profile {profile}"),
            Origin::WebIdentity => "web identity token file".to_owned(),
            Origin::Container => "container credentials".to_owned(),
            Origin::Instance => "instance metadata".to_owned(),
            Origin::Role { arn, over } => format!("role {arn} over {}", over.words()),
        }
    }

    /// What gives new credentials when these have expired.
    #[must_use]
    pub(super) fn renew(&self) -> String {
        match self {
            Origin::Nowhere => find().to_owned(),
            Origin::Environment => {
                "they came from environment variables: export new ones and start again".to_owned()
            }
            Origin::Keys { profile } => format!(
                "write new ones into profile {profile} of the AWS credentials file; no restart is needed"
            ),
            Origin::Sso { profile } => format!("run `aws sso login{}`", option(profile)),
            Origin::Login { profile } => format!("run `aws login{}`", option(profile)),
            Origin::Process { profile } => {
                format!(
                    "the credential_process of profile {profile} must give new ones; run it by hand to see why not"
                )
            }
            Origin::WebIdentity => {
                "the token file that AWS_WEB_IDENTITY_TOKEN_FILE names was not renewed".to_owned()
            }
            Origin::Container => {
                "the container's credentials endpoint gave old ones; see its role".to_owned()
            }
            Origin::Instance => "the instance metadata service gave old ones; see its role".to_owned(),
            Origin::Role { arn, .. } => {
                format!("the session of role {arn} ended; it is assumed again at the next refresh")
            }
        }
    }

    /// What to check when AWS does not accept these credentials at all.
    #[must_use]
    pub(super) fn check(&self) -> String {
        match self {
            Origin::Nowhere => find().to_owned(),
            Origin::Environment => {
                "AWS does not accept the keys of AWS_ACCESS_KEY_ID; export good ones and start again"
                    .to_owned()
            }
            Origin::Keys { profile } => format!(
                "AWS does not accept the keys of profile {profile}: deactivated, mistyped, or of another partition"
            ),
            Origin::Sso { .. } | Origin::Login { .. } | Origin::Process { .. } => {
                format!("AWS does not accept those from {}; {}", self.words(), self.renew())
            }
            Origin::WebIdentity | Origin::Container | Origin::Instance | Origin::Role { .. } => {
                format!("AWS does not accept those from {}", self.words())
            }
        }
    }
}

/// What to do when there are none.
pub(super) fn find() -> &'static str {
    "name a profile (--profile or AWS_PROFILE), or make one with `aws configure sso`, `aws login` or `aws configure`"
}

/// `--profile NAME` as a shell takes it; nothing for the default profile.
fn option(profile: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+/:".contains(c);
    match profile {
        "default" => String::new(),
        p if p.chars().all(plain) => format!(" --profile {p}"),
        p => format!(" --profile '{}'", p.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_profile_as_a_shell_takes_it() {
        let sso = |p: &str| Origin::Sso { profile: p.to_owned() }.renew();
        assert_eq!(sso("default"), "run `aws sso login`");
        assert_eq!(sso("prod"), "run `aws sso login --profile prod`");
        assert_eq!(sso("my prod"), "run `aws sso login --profile 'my prod'`");
        assert_eq!(Origin::Login { profile: "p".into() }.renew(), "run `aws login --profile p`");
    }
}

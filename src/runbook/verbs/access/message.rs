//! An access-denied message taken apart: who, what, on what, and what kind of policy it blames. Pure. Source: IAM user guide,
//! "Troubleshoot access denied error messages"; Secrets Manager user guide, "Troubleshoot".

/// What a message says.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Said {
    /// `User: ARN`.
    pub who: Option<String>,
    /// The action.
    pub action: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// The kind of policy that is blamed.
    pub blames: Option<&'static str>,
    /// Whether it is an explicit deny.
    pub explicit: bool,
    /// Whether it is about a key.
    pub kms: bool,
}

/// The kinds of policy in messages, the longer words first.
const KINDS: [(&str, &str); 8] = [
    ("service control policy", "organization"),
    ("resource control policy", "organization"),
    ("permissions boundary", "boundary"),
    ("vpc endpoint policy", "endpoint"),
    ("session policy", "session"),
    ("identity-based policy", "identity"),
    ("resource-based policy", "resource"),
    ("role trust policy", "resource"),
];

/// Takes a message apart; what it does not say is absent.
pub(super) fn read(message: &str) -> Said {
    let lower = message.to_ascii_lowercase();
    let after = |mark: &str| {
        let from = lower.find(mark)? + mark.len();
        let word = message.get(from..)?.trim_start_matches([':', ' ']).split_whitespace().next()?;
        let word = word.trim_matches(['"', '\'', '`', '.', ',', ';', ')']);
        Some(word.to_owned()).filter(|w| !w.is_empty())
    };
    let action = after("not authorized to perform").filter(|a| a.contains(':'));
    let is_kms = action.as_deref().is_some_and(|a| a.starts_with("kms:"))
        || lower.contains("access to kms is not allowed")
        || lower.contains("kms access was denied")
        || lower.contains("kmsaccessdenied")
        || lower.contains("ciphertext");
    Said {
        who: after("user:").filter(|w| w.starts_with("arn:")),
        resource: after("on resource:").filter(|r| !r.is_empty()),
        blames: KINDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, kind)| *kind),
        explicit: lower.contains("explicit deny"),
        kms: is_kms,
        action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_as_aws_writes_them() {
        let said = read(
            "An error occurred (AccessDeniedException) when calling the GetSecretValue operation: User: \
             arn:aws:sts::123456789012:assumed-role/app/i-1 is not authorized to perform: \
             secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:a/b-AbCdEf \
             because no identity-based policy allows the secretsmanager:GetSecretValue action",
        );
        assert_eq!(said.who.as_deref(), Some("arn:aws:sts::123456789012:assumed-role/app/i-1"));
        assert_eq!(said.action.as_deref(), Some("secretsmanager:GetSecretValue"));
        assert!(said.resource.unwrap().ends_with(":secret:a/b-AbCdEf"));
        assert_eq!((said.blames, said.explicit, said.kms), (Some("identity"), false, false));
        for (words, blames, explicit) in [
            ("with an explicit deny in a service control policy", Some("organization"), true),
            ("because no permissions boundary allows the x:Y action", Some("boundary"), false),
            ("because no VPC endpoint policy allows the x:Y action", Some("endpoint"), false),
            ("with an explicit deny in a resource-based policy", Some("resource"), true),
            ("nothing of the kind", None, false),
        ] {
            let said = read(words);
            assert_eq!((said.blames, said.explicit), (blames, explicit), "{words}");
        }
        for kms in ["Access to KMS is not allowed", "not authorized to perform: kms:Decrypt on the resource"]
        {
            assert!(read(kms).kms, "{kms}");
        }
        assert_eq!(read(""), Said::default());
        assert_eq!(read("user: \u{1b}[2J perform: x").who, None);
    }
}

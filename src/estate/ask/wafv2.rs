//! The questions to WAFv2: 5 calls a second for most of its reads ("AWS WAF quotas").

use super::asks;
use crate::estate::metric::Window;
use crate::estate::names::{Arn, WebAclId};
use crate::estate::untrusted::Untrusted;
use crate::estate::waf::{Samples, Scope, WebAcl, WebAclSummary};

asks! { Wafv2, "wafv2";
    /// The web ACLs of a scope.
    ListWebACLs {
        /// Which scope; CloudFront is asked in us-east-1.
        scope: Scope,
    } => Vec<WebAclSummary>, "wafv2:ListWebACLs" @ 5;
    /// One web ACL with its rules. Its API wants all three.
    GetWebACL {
        /// Name.
        name: Untrusted,
        /// Id.
        id: WebAclId,
        /// Scope.
        scope: Scope,
    } => WebAcl, "wafv2:GetWebACL" @ 5;
    /// Up to 500 requests sampled from the first 5,000 that a rule saw in a window of the last 3 h.
    GetSampledRequests {
        /// The ACL.
        acl: Arn,
        /// The rule's metric name.
        rule_metric: Untrusted,
        /// The ACL's scope.
        scope: Scope,
        /// Which window, at most 3 h back.
        window: Window,
    } => Samples, "wafv2:GetSampledRequests" @ 5;
    /// What a regional web ACL protects.
    ListResourcesForWebACL {
        /// The ACL.
        acl: Arn,
    } => Vec<Arn>, "wafv2:ListResourcesForWebACL" @ 5;
    /// The tags of a web ACL.
    ListTagsForResource {
        /// The ACL.
        resource: Arn,
    } => Vec<(Untrusted, Untrusted)>, "wafv2:ListTagsForResource" @ 5;
}

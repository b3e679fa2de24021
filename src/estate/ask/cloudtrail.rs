//! The questions to CloudTrail. "The rate of lookup requests is limited to two per second, per account, per Region"
//! (CloudTrail API reference, `LookupEvents`).

use super::asks;
use crate::estate::names::Arn;
use crate::estate::time::Timestamp;
use crate::estate::trail::{Lookup, Trail, TrailEvent, TrailStatus};

asks! { CloudTrail, "cloudtrail";
    /// Management events of the last 90 days in one Region, newest first, 50 a page. They come some minutes late
    /// ("typically delivers ... within an average of about 5 minutes", not guaranteed): no event is no proof.
    LookupEvents {
        /// By what.
        by: Lookup,
        /// From when on, up to now.
        from: Timestamp,
    } => Vec<TrailEvent>, "cloudtrail:LookupEvents" @ 2;
    /// The trails of a Region, those of others that reach into it among them, in one page. CloudTrail allows 10 a second.
    DescribeTrails {} => Vec<Trail>, "cloudtrail:DescribeTrails" @ 5 for BreakGlass;
    /// Whether a trail writes. Its ARN finds it from every Region.
    GetTrailStatus {
        /// Which.
        trail: Arn,
    } => TrailStatus, "cloudtrail:GetTrailStatus" @ 5 for BreakGlass;
}

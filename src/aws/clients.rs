//! The SDK's clients: one for a service and Region, made when first needed and shared by reads, changes and
//! materials, so that they share connections. It makes no calls.

use super::http::Http;
use super::whole::Whole;
use crate::estate::Region;
use aws_types::{SdkConfig, region};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The clients of one service by Region.
struct PerRegion<C>(Mutex<HashMap<Region, C>>);

impl<C: Clone> PerRegion<C> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn get(&self, at: &Region, make: impl FnOnce() -> C) -> C {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(at.clone()).or_insert_with(make).clone()
    }
}

macro_rules! clients {
    ($($name:ident: $krate:ident $(, each answer $checked:expr)?;)+) => {
        /// The clients of one opened context.
        pub(super) struct Clients {
            sdk: SdkConfig,
            http: Http,
            $($name: PerRegion<$krate::Client>),+
        }

        impl Clients {
            pub(super) fn new(sdk: SdkConfig, http: Http) -> Self {
                Self { sdk, http, $($name: PerRegion::new()),+ }
            }

            $(
                #[doc = concat!("The client of `", stringify!($krate), "` in a Region.")]
                pub(super) fn $name(&self, at: &Region) -> $krate::Client {
                    self.$name.get(at, || {
                        let config = $krate::config::Builder::from(&self.in_region(at));
                        $krate::Client::from_conf(config$(.interceptor($checked))?.build())
                    })
                }
            )+
        }
    };
}

clients! {
    apigateway: aws_sdk_apigateway;
    cloudtrail: aws_sdk_cloudtrail;
    cloudwatch: aws_sdk_cloudwatch;
    iam: aws_sdk_iam, each answer Whole;
    kms: aws_sdk_kms;
    lambda: aws_sdk_lambda;
    secretsmanager: aws_sdk_secretsmanager;
    sns: aws_sdk_sns;
    sqs: aws_sdk_sqs;
    sts: aws_sdk_sts, each answer Whole;
    wafv2: aws_sdk_wafv2;
}

impl Clients {
    /// What every client was made from.
    pub(super) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The client under them, for what is no SDK client.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// What a client in a Region is made from.
    pub(super) fn in_region(&self, at: &Region) -> SdkConfig {
        self.sdk.to_builder().region(region::Region::new(at.as_str().to_owned())).build()
    }
}

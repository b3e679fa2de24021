//! A small AWS: API keys, usage plans, a function's variables. It does what the real one does as far as these
//! tests go, and fails as it is told: before its effect or after.

use super::world::Fuse;
use crate::estate::ask::{apigateway, iam, lambda, sts};
use crate::estate::edit;
use crate::estate::{
    AccountAlias, AccountId, Answer, ApiKey, ApiKeyId, Arn, Ask, At, BoxFuture, Call, Canary, Changes,
    Completeness, Cursor, Fault, FaultKind, IdempotencyKey, Identity, MaterialSource, MaterialVersion,
    Materials, Outside, Page, Query, Reads, Receipt, RevisionId, Seen, Simulated, Slot, Timestamp, Untrusted,
    UsagePlan, UsagePlanId, Vault, change,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

pub const OLD: &str = "old-key-value-0123456789";
pub const BACKUP: &str = "backup-key-value-0123456789";

/// How a call goes.
#[derive(Clone, Debug)]
pub enum Weather {
    Fine,
    /// It fails and has no effect.
    Before(FaultKind),
    /// It has its effect and fails.
    After(FaultKind),
    /// It has no effect yet: it lands when so many questions were asked.
    Lands(u32, FaultKind),
}

pub type Sky = dyn Fn(&Call, usize) -> Weather + Send + Sync;
pub type ReadSky = dyn Fn(&Query, usize) -> Option<FaultKind> + Send + Sync;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    pub name: String,
    pub value: Vec<u8>,
    pub enabled: bool,
    pub plans: BTreeSet<String>,
}

#[derive(Default)]
pub struct State {
    pub keys: BTreeMap<String, Key>,
    pub environment: Vec<u8>,
    pub revision: u32,
    pub invoked: u32,
    /// Every call that arrived, with its key.
    pub log: Vec<(Call, IdempotencyKey)>,
    asked: usize,
    late: Vec<(u32, Call, Vec<u8>)>,
    flying: usize,
    pub most_flying: usize,
}

pub struct Aws {
    pub state: Mutex<State>,
    pub fuse: Arc<Fuse>,
    pub sky: Mutex<Box<Sky>>,
    pub read_sky: Mutex<Box<ReadSky>>,
    pub account: Mutex<&'static str>,
}

impl Aws {
    pub fn new(fuse: Arc<Fuse>) -> Self {
        let old = Key {
            name: "partner".into(),
            value: OLD.as_bytes().to_vec(),
            enabled: true,
            plans: ["gold", "silver", "tin"].map(str::to_owned).into(),
        };
        let environment = format!(r#"{{"DB_PASSWORD": "hunter2", "API_KEYS":"{OLD}, {BACKUP}"}}"#);
        let state = State {
            keys: [("old1".to_owned(), old)].into(),
            environment: environment.into_bytes(),
            revision: 1,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            fuse,
            sky: Mutex::new(Box::new(|_, _| Weather::Fine)),
            read_sky: Mutex::new(Box::new(|_, _| None)),
            account: Mutex::new("123456789012"),
        }
    }

    fn effect(&self, call: &Call, given: &[u8]) -> Result<Receipt, Fault> {
        let mut state = self.state.lock().unwrap();
        let fault = |kind| Err(Fault::new(kind, call.operation().name, "said the fake"));
        match call {
            Call::ApiGateway(call) => match call {
                change::apigateway::Call::CreateApiKey { name, .. } => {
                    if state.keys.values().any(|k| k.value == given) {
                        return fault(FaultKind::Conflict);
                    }
                    let id = format!("k{}", state.keys.len() + state.log.len());
                    let key = Key {
                        name: name.wire().to_owned(),
                        value: given.to_vec(),
                        enabled: false,
                        plans: BTreeSet::new(),
                    };
                    state.keys.insert(id.clone(), key);
                    Ok(Receipt::ApiKey(ApiKeyId::new(id)))
                }
                change::apigateway::Call::UpdateApiKey { key, enabled } => {
                    match state.keys.get_mut(key.wire()) {
                        Some(key) => key.enabled = *enabled,
                        None => return fault(FaultKind::NotFound),
                    }
                    Ok(Receipt::Done)
                }
                change::apigateway::Call::DeleteApiKey { key } => {
                    state.keys.remove(key.wire());
                    Ok(Receipt::Done)
                }
                change::apigateway::Call::CreateUsagePlanKey { plan, key } => {
                    let added =
                        state.keys.get_mut(key.wire()).map(|k| k.plans.insert(plan.wire().to_owned()));
                    match added {
                        Some(true) => Ok(Receipt::Done),
                        Some(false) => fault(FaultKind::Conflict),
                        None => fault(FaultKind::NotFound),
                    }
                }
                change::apigateway::Call::DeleteUsagePlanKey { plan, key } => {
                    match state.keys.get_mut(key.wire()).map(|k| k.plans.remove(plan.wire())) {
                        Some(true) => Ok(Receipt::Done),
                        Some(false) | None => fault(FaultKind::NotFound),
                    }
                }
            },
            Call::Lambda(change::lambda::Call::UpdateFunctionConfiguration { revision, .. }) => {
                if revision.wire() != state.revision.to_string() {
                    return fault(FaultKind::Conflict);
                }
                state.environment = given.to_vec();
                state.revision += 1;
                Ok(Receipt::Revision(RevisionId::new(state.revision.to_string())))
            }
            Call::Lambda(change::lambda::Call::Invoke { .. }) => {
                state.invoked += 1;
                Ok(Receipt::Invoked { status: 200, function_error: None, request: None })
            }
            Call::Lambda(_)
            | Call::SecretsManager(_)
            | Call::Iam(_)
            | Call::Sqs(_)
            | Call::Rds(_)
            | Call::Ec2(_) => fault(FaultKind::Unsupported),
        }
    }

    /// What the call sends of what is secret.
    fn given(call: &Call, vault: &Vault) -> Vec<u8> {
        match call {
            Call::ApiGateway(change::apigateway::Call::CreateApiKey { value, .. }) => {
                vault.copy(value).map(|v| v.to_vec()).unwrap_or_default()
            }
            Call::Lambda(change::lambda::Call::UpdateFunctionConfiguration { environment, edit, .. }) => {
                let base = vault.copy(environment).unwrap();
                edit::apply(edit, &base, vault).unwrap().to_vec()
            }
            _ => Vec::new(),
        }
    }

    fn answer(&self, ask: &Ask) -> Result<Answer, FaultKind> {
        let state = self.state.lock().unwrap();
        let shown = |(id, key): (&String, &Key)| ApiKey {
            id: ApiKeyId::new(id.as_str()),
            name: Untrusted::from(key.name.as_str()),
            description: None,
            enabled: key.enabled,
            created: None,
            updated: None,
            tags: Vec::new(),
        };
        Ok(match ask {
            Ask::Sts(sts::Ask::GetCallerIdentity(_)) => {
                let account = *self.account.lock().unwrap();
                Answer::Sts(sts::Answer::GetCallerIdentity(Identity {
                    account: AccountId::new(account).unwrap(),
                    arn: Arn::new(format!("arn:aws:sts::{account}:assumed-role/ops/alice")),
                    user_id: Untrusted::from("AROA:alice"),
                    key: None,
                    ahead_s: None,
                }))
            }
            Ask::Iam(iam::Ask::ListAccountAliases(_)) => {
                Answer::Iam(iam::Answer::ListAccountAliases(vec![AccountAlias::new("acme-prod")]))
            }
            Ask::Iam(iam::Ask::SimulatePrincipalPolicy(q)) => {
                assert_eq!(q.principal.wire(), "arn:aws:iam::123456789012:role/ops");
                let results = q.resources.iter().flat_map(|r| q.actions.iter().map(move |a| (r, a)));
                let simulated = results.map(|(resource, action)| Simulated {
                    action: action.clone(),
                    resource: resource.clone(),
                    allowed: action.wire() != "apigateway:DELETE",
                    explicit: false,
                    boundary: None,
                    organization: None,
                });
                Answer::Iam(iam::Answer::SimulatePrincipalPolicy(simulated.collect()))
            }
            Ask::ApiGateway(apigateway::Ask::GetApiKeys(q)) => {
                let begins =
                    |k: &ApiKey| q.name_prefix.as_ref().is_none_or(|p| k.name.wire().starts_with(p.wire()));
                let keys = state.keys.iter().map(shown).filter(begins).collect();
                Answer::ApiGateway(apigateway::Answer::GetApiKeys(keys))
            }
            Ask::ApiGateway(apigateway::Ask::GetApiKey(q)) => {
                let found = state.keys.get_key_value(q.key.wire()).ok_or(FaultKind::NotFound)?;
                Answer::ApiGateway(apigateway::Answer::GetApiKey(shown(found)))
            }
            Ask::ApiGateway(apigateway::Ask::GetUsagePlans(q)) => {
                let plans = match &q.key {
                    Some(key) => state.keys.get(key.wire()).map(|k| k.plans.clone()).unwrap_or_default(),
                    None => ["gold", "silver", "tin"].map(str::to_owned).into(),
                };
                let plan =
                    |p: String| UsagePlan { id: UsagePlanId::new(p.as_str()), name: Untrusted::from(p) };
                Answer::ApiGateway(apigateway::Answer::GetUsagePlans(plans.into_iter().map(plan).collect()))
            }
            Ask::Lambda(lambda::Ask::ListVersionsByFunction(_)) => {
                Answer::Lambda(lambda::Answer::ListVersionsByFunction(Vec::new()))
            }
            _ => return Err(FaultKind::Unsupported),
        })
    }

    fn land_what_is_due(&self) {
        let due: Vec<_> = {
            let mut state = self.state.lock().unwrap();
            let mut late = std::mem::take(&mut state.late);
            for (left, ..) in &mut late {
                *left = left.saturating_sub(1);
            }
            let (due, later) = late.into_iter().partition(|(left, ..)| *left == 0);
            state.late = later;
            due
        };
        for (_, call, given) in due {
            self.effect(&call, &given).unwrap();
        }
    }
}

impl Reads for Aws {
    fn fetch<'a>(&'a self, q: &'a Query, _: Option<&'a Cursor>) -> BoxFuture<'a, Result<Page, Fault>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.land_what_is_due();
            let nth = {
                let mut state = self.state.lock().unwrap();
                state.asked += 1;
                state.asked
            };
            let fault = |kind| Fault::new(kind, q.ask.operation().name, "said the fake");
            if let Some(kind) = (self.read_sky.lock().unwrap())(q, nth) {
                return Err(fault(kind));
            }
            let answer = self.answer(&q.ask).map_err(fault)?;
            Ok(Page { answer, next: None, sent: Timestamp::UNIX_EPOCH })
        })
    }
}

impl Changes for Aws {
    fn apply<'a>(
        &'a self,
        _: &'a At,
        call: &'a Call,
        key: &'a IdempotencyKey,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            self.fuse.point().await;
            let given = Self::given(call, vault);
            let nth = {
                let mut state = self.state.lock().unwrap();
                state.log.push((call.clone(), key.clone()));
                state.flying += 1;
                state.most_flying = state.most_flying.max(state.flying);
                state.log.len()
            };
            tokio::task::yield_now().await;
            self.state.lock().unwrap().flying -= 1;
            let weather = (self.sky.lock().unwrap())(call, nth);
            let fault = |kind| Fault::new(kind, call.operation().name, "said the fake");
            let result = match weather {
                Weather::Fine => self.effect(call, &given),
                Weather::Before(kind) => Err(fault(kind)),
                Weather::After(kind) => {
                    self.effect(call, &given)?;
                    Err(fault(kind))
                }
                Weather::Lands(after, kind) => {
                    self.state.lock().unwrap().late.push((after, call.clone(), given));
                    Err(fault(kind))
                }
            };
            self.fuse.point().await;
            result
        })
    }
}

impl Materials for Aws {
    fn load<'a>(
        &'a self,
        _: &'a At,
        from: &'a MaterialSource,
        into: Slot,
        vault: &'a Vault,
    ) -> BoxFuture<'a, Result<Seen<MaterialVersion>, Fault>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.land_what_is_due();
            let state = self.state.lock().unwrap();
            let missing = || Fault::new(FaultKind::NotFound, from.operation().name, "said the fake");
            let (bytes, value) = match from {
                MaterialSource::ApiKey { key } => {
                    let key = state.keys.get(key.wire()).ok_or_else(missing)?;
                    (key.value.clone(), MaterialVersion::ApiKey)
                }
                MaterialSource::Environment { .. } => {
                    let revision = RevisionId::new(state.revision.to_string());
                    (state.environment.clone(), MaterialVersion::Function(revision))
                }
                MaterialSource::Secret { .. } => return Err(missing()),
            };
            vault.put(into, Zeroizing::new(bytes));
            Ok(Seen { value, at: Timestamp::UNIX_EPOCH, complete: Completeness::Complete })
        })
    }
}

impl Outside for Aws {
    fn canary<'a>(&'a self, canary: &'a Canary, vault: &'a Vault) -> BoxFuture<'a, Result<u16, Fault>> {
        Box::pin(async move {
            let key = vault.copy(&canary.key).unwrap_or_default();
            let state = self.state.lock().unwrap();
            let admitted = state.keys.values().any(|k| k.enabled && k.value == *key);
            Ok(if admitted { 200 } else { 403 })
        })
    }
}

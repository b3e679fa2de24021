//! Calls whose answer was lost: looking as the call says tells whether they happened, and repeating those that may
//! be repeated changes nothing.

use super::*;
use crate::estate::ask::iam;
use crate::estate::change::iam as user_call;
use crate::estate::edit;
use crate::practice::Mishaps;

const AUTHORIZER: &str = "mongo-api-prod-authorizer";

/// Sends a call whose answer is lost, and settles it.
fn doubt(p: &Practice, call: &Call, vault: &Vault) -> Verdict {
    let fault = apply(p, call, 1, vault).unwrap_err();
    assert!(fault.may_have_happened(), "{fault:?}");
    match call.settle(&here()) {
        Settle::Look { query, .. } => {
            let (mut answers, mut from) = (Vec::new(), None);
            loop {
                let page = p.fetch(&query, from.as_ref()).now_or_never().unwrap().unwrap();
                answers.push(page.answer);
                match page.next {
                    Some(next) => from = Some(next),
                    None => return call.verdict(&token(1), &answers),
                }
            }
        }
        Settle::Reread { source, edit, .. } => {
            load(p, &source, "again", vault).unwrap();
            // a copy: the vault is locked while one of its slots is looked at
            let document = vault.copy(&slot("again")).unwrap();
            match edit::stands(&edit, &document, vault) {
                Stands::Yes => Verdict::Happened(Receipt::Done),
                Stands::No => Verdict::NotHappened,
                Stands::Unclear => Verdict::Unclear,
            }
        }
        other @ (Settle::Repeat | Settle::Accept(_) | Settle::Person(_)) => panic!("{other:?}"),
    }
}

/// One call of each kind that is settled by looking.
fn looked_at(p: &Practice, vault: &Vault) -> Vec<Call> {
    put(vault, "new", "aNewKeyOfThirtyCharactersOrSo1");
    load(p, &MaterialSource::ApiKey { key: ApiKeyId::new(OLD) }, "old", vault).unwrap();
    let secret = arn_of(p, "omnitrack/api-keys");
    put(vault, "base", &current(p, &secret));
    let to = holder(p, &secret, "AWSCURRENT").unwrap();
    let MaterialVersion::Function(revision) = environment(p, HANDLER, vault).unwrap() else { panic!() };
    let user = UserName::new("logapi-exporter");
    let keys = one(p, iam::ListAccessKeys { user: user.clone() }).unwrap();
    let key = ApiKeyId::new(OLD);
    let plan = plans_of(p, &key).remove(0);
    let reserve = ApiKeyId::new("b2c9f5h7jn");
    vec![
        put_value(&secret, set("/externalApiKey", "new"), "mine"),
        stage(&secret, "kept", Some(&to), None),
        configure(HANDLER, &revision, insert("/API_KEYS", "new", "old")),
        Call::Lambda(function_call::Call::UpdateAlias {
            function: FunctionName::new(AUTHORIZER),
            alias: AliasName::new("live"),
            version: FunctionVersion::new("6"),
            revision: None,
        }),
        create_key("bartizan-7f3a0b1c", "new"),
        gateway(api_call::Call::DeleteUsagePlanKey { plan: plan.clone(), key }),
        gateway(api_call::Call::CreateUsagePlanKey { plan, key: reserve }),
        Call::Iam(user_call::Call::CreateAccessKey {
            user,
            had: keys.into_iter().map(|k| k.id).collect(),
            into: slot("secret"),
        }),
    ]
}

#[test]
fn looking_tells_whether_a_call_happened() {
    for (after, lost_before, lost_after) in [(true, 0.0, 1.0), (false, 1.0, 0.0)] {
        let mishaps = Mishaps { lost_before, lost_after, ..Mishaps::default() };
        let (p, clock) = with(Options { mishaps, ..quiet() });
        let vault = Vault::default();
        for call in looked_at(&p, &vault) {
            let verdict = doubt(&p, &call, &vault);
            assert_eq!(matches!(verdict, Verdict::Happened(_)), after, "{verdict:?} {call:?}");
            assert!(after || verdict == Verdict::NotHappened, "{verdict:?} {call:?}");
        }
        // a version can be published only of something new
        let MaterialVersion::Function(revision) = environment(&p, AUTHORIZER, &vault).unwrap() else {
            panic!()
        };
        let call = configure(AUTHORIZER, &revision, set("/STAGE", "new"));
        assert_eq!(matches!(doubt(&p, &call, &vault), Verdict::Happened(_)), after);
        clock.go(20);
        let latest = config(&p, AUTHORIZER);
        let call = Call::Lambda(function_call::Call::PublishVersion {
            function: FunctionName::new(AUTHORIZER),
            revision: latest.revision,
            code_sha256: latest.code_sha256,
            description: "bartizan-7f3a0b1c".into(),
        });
        let wanted = if after {
            Verdict::Happened(Receipt::Published(FunctionVersion::new("8")))
        } else {
            Verdict::NotHappened
        };
        assert_eq!(doubt(&p, &call, &vault), wanted);
    }
}

#[test]
fn what_settles_by_repeating_can_be_repeated() {
    let (p, clock) = calm(1);
    let vault = Vault::default();
    let user = UserName::new("json-stack-ci");
    let keys = || one(&p, iam::ListAccessKeys { user: user.clone() }).unwrap();
    let id = keys().remove(1).id;
    let calls = [
        gateway(api_call::Call::UpdateApiKey { key: ApiKeyId::new(OLD), enabled: false }),
        gateway(api_call::Call::DeleteApiKey { key: ApiKeyId::new(OLD) }),
        Call::Iam(user_call::Call::UpdateAccessKey { user: user.clone(), key: id.clone(), active: false }),
        Call::Iam(user_call::Call::DeleteAccessKey { user: user.clone(), key: id }),
    ];
    for call in &calls {
        assert_eq!(call.settle(&here()), Settle::Repeat);
        for _ in 0..3 {
            assert_eq!(apply(&p, call, 1, &vault), Ok(Receipt::Done));
            clock.go(3);
        }
    }
    assert_eq!(keys().len(), 1);
    assert_eq!(all(&p, apigateway::GetApiKeys { name_prefix: None }).len(), 1);
}

//! A secret as JSON: what `secrets list` and `secrets show` say of it; never a value, which nobody here knows. It
//! concludes nothing itself.

use super::{Head, maybe_instant, maybe_text, system};
use crate::estate::{FieldDate, SecretVersion};
use crate::insight::secret_age::{FieldAge, Unusable};
use crate::insight::{Look, SecretRow, Subject, secret_age};
use serde_json::{Map, Value, json};

/// A secret as `secrets list` has it.
#[must_use]
pub fn json(row: &SecretRow, look: &Look<'_>) -> Map<String, Value> {
    let secret = &row.secret;
    let age = secret_age::of(row, look.policy, look.now);
    let mut out = Map::new();
    out.insert("name".into(), json!(secret.name.wire()));
    out.insert("arn".into(), json!(secret.arn.wire()));
    out.insert("last_changed".into(), maybe_instant(secret.last_changed));
    out.insert("last_rotated".into(), maybe_instant(secret.last_rotated));
    out.insert("last_accessed".into(), maybe_instant(secret.last_accessed));
    out.insert("age_days".into(), json!(age.days));
    out.insert("policy_days".into(), json!(age.policy_days));
    out.insert("state".into(), json!(age.state.word()));
    out.insert("rotation_enabled".into(), json!(secret.rotation_enabled));
    out.insert("deletion_at".into(), maybe_instant(secret.deletion_at));
    out.insert("versions".into(), json!(row.versions.value().map(Vec::len)));
    let fields: Vec<Value> = secret_age::fields(row, look.now).iter().map(field_json).collect();
    out.insert("fields".into(), json!(fields));
    out.insert("system".into(), system(look, &Subject::Secret(secret.arn.clone())));
    out
}

/// A field of a secret as a tag records it: when it was changed, or, with `at_least`, since when it was not.
fn field_json(field: &FieldAge) -> Value {
    json!({
        "name": field.field.wire(),
        "changed": maybe_instant(field.date.ok().map(FieldDate::at)),
        "at_least": field.date.is_ok_and(FieldDate::is_bound),
        "age_days": field.days,
        "ignored": field.date.err().map(Unusable::words),
    })
}

/// A version of a secret.
#[must_use]
pub fn version_json(version: &SecretVersion) -> Value {
    json!({
        "id": version.id.wire(),
        "stages": version.stages.iter().map(|s| s.wire()).collect::<Vec<_>>(),
        "created": maybe_instant(version.created),
        "last_accessed": maybe_instant(version.last_accessed),
    })
}

/// The document of a secret.
#[must_use]
pub fn show(row: &SecretRow, head: &Head<'_>, look: &Look<'_>) -> Value {
    let secret = &row.secret;
    let mut content = json(row, look);
    let versions = row.versions.value().map(|v| v.iter().map(version_json).collect::<Vec<_>>());
    content.insert("versions".into(), json!(versions));
    content.insert("description".into(), maybe_text(secret.description.as_ref()));
    content.insert("created".into(), maybe_instant(secret.created));
    content.insert("next_rotation".into(), maybe_instant(secret.next_rotation));
    content.insert("rotation_days".into(), json!(secret.rotation_days));
    content.insert(
        "rotation_failed_since".into(),
        maybe_instant(secret_age::of(row, look.policy, look.now).rotation_failed),
    );
    content.insert("kms_key".into(), maybe_text(secret.kms_key.as_ref()));
    content.insert("owning_service".into(), maybe_text(secret.owning_service.as_ref()));
    content.insert("primary_region".into(), maybe_text(secret.primary_region.as_ref()));
    head.document("secret", vec![("secret", Value::Object(content))])
}

//! Reads what is secret, for the vault: the text of a version, the variables of a function, the value of a
//! gateway's key. Sources: `GetSecretValue`, `GetFunctionConfiguration`, `GetApiKey` of their API references.

use crate::estate::names::{Arn, FunctionName, FunctionVersion, RevisionId, VersionId};
use crate::estate::{ApiKeyId, Fault, FaultKind, MaterialSource, MaterialVersion, Operation};
use crate::practice::faults;
use crate::practice::world::World;
use crate::practice::world::function::Variables;
use zeroize::Zeroizing;

type Read = Result<(MaterialVersion, Zeroizing<Vec<u8>>), Fault>;

/// The version and the bytes of `source`. `decrypts`: customer keys may be used.
pub(super) fn read(
    world: &mut World,
    op: &'static Operation,
    here: bool,
    source: &MaterialSource,
    decrypts: bool,
) -> Read {
    match source {
        MaterialSource::Secret { secret, version } => {
            if !here {
                return Err(faults::no_secret(op));
            }
            of_secret(world, op, secret, version, decrypts)
        }
        MaterialSource::Environment { function, version } => {
            of_function(world, op, here, function, version.as_ref())
        }
        MaterialSource::ApiKey { key } => of_key(world, op, here, key),
    }
}

fn of_secret(world: &mut World, op: &Operation, id: &Arn, version: &VersionId, decrypts: bool) -> Read {
    let seen = world.seen_secret(id.wire(), op.name).filter(|s| !s.gone);
    let Some(secret) = seen else { return Err(faults::no_secret(op)) };
    if secret.denies.iter().any(|a| a == op.iam_action) {
        let why = "with an explicit deny in a resource-based policy";
        return Err(faults::denied(op, &secret.arn(), why));
    }
    if secret.deleted.is_some() {
        let message = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(faults::invalid(op, "InvalidRequestException", message));
    }
    let Some(found) = secret.versions.iter().find(|v| v.id == version.wire()) else {
        let message = format!(
            "Secrets Manager can't find the specified secret value for VersionId: {}",
            version.wire()
        );
        return Err(faults::missing(op, "ResourceNotFoundException", &message));
    };
    if let Some(key) = secret.kms.as_ref().filter(|_| !decrypts) {
        let kind = FaultKind::Denied { action: "kms:Decrypt".into(), resource: Some(key.as_str().into()) };
        return Err(Fault::new(kind, op.name, "AccessDeniedException: Access to KMS is not allowed"));
    }
    if secret.binary {
        return Err(Fault::new(FaultKind::Unsupported, op.name, "the secret holds bytes, not text"));
    }
    let bytes = Zeroizing::new(found.text.bytes().to_vec());
    let now = world.now;
    if let Some(secret) = world.secret(id.wire()).and_then(|p| world.secrets.get_mut(p)) {
        secret.read_version(version.wire(), now);
    }
    Ok((MaterialVersion::Secret(version.clone()), bytes))
}

fn of_function(
    world: &World,
    op: &Operation,
    here: bool,
    name: &FunctionName,
    version: Option<&FunctionVersion>,
) -> Read {
    let place = world.function(name.wire()).filter(|_| here);
    let Some(f) = place.and_then(|p| world.functions.get(p)) else {
        return Err(faults::no_function(op, name.wire()));
    };
    let wanted = version.map_or("$LATEST", FunctionVersion::wire);
    let Some(config) = f.version(wanted) else {
        let message = format!("Function not found: {}:{wanted}", f.arn());
        return Err(faults::missing(op, "ResourceNotFoundException", &message));
    };
    if let Some(error) = &config.unreadable {
        let resource = config.kms.as_deref().map(Into::into);
        let kind = FaultKind::Denied { action: "kms:Decrypt".into(), resource };
        return Err(Fault::new(kind, op.name, error.as_str()));
    }
    let bytes = document(&config.variables).map_err(|e| Fault::new(FaultKind::Malformed, op.name, e))?;
    Ok((MaterialVersion::Function(RevisionId::new(config.revision.as_str())), bytes))
}

/// Variables as one JSON object of strings, in a buffer that never grows.
fn document(variables: &Variables) -> Result<Zeroizing<Vec<u8>>, String> {
    // a byte is written as six at most (`\u0000`)
    let room: usize = variables.iter().map(|(n, v)| 6 * (n.len() + v.bytes().len()) + 6).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(room + 2));
    out.push(b'{');
    for (n, (name, value)) in variables.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let value = std::str::from_utf8(value.bytes()).map_err(|e| e.to_string())?;
        serde_json::to_writer(&mut *out, name).map_err(|e| e.to_string())?;
        out.push(b':');
        serde_json::to_writer(&mut *out, value).map_err(|e| e.to_string())?;
    }
    out.push(b'}');
    Ok(out)
}

fn of_key(world: &World, op: &Operation, here: bool, id: &ApiKeyId) -> Read {
    let keys = world.seen_keys(op.name);
    let found = keys.iter().find(|k| here && k.exists.set && k.id == id.wire());
    let Some(key) = found else {
        return Err(faults::missing(op, "NotFoundException", "Invalid API Key identifier specified"));
    };
    Ok((MaterialVersion::ApiKey, Zeroizing::new(key.value.bytes().to_vec())))
}

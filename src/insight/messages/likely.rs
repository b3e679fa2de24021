//! Which functions a queue's dead letters are likely of, the likeliest first: those that name the queue, those that the
//! messages name, then those that are called like it. It says no more than likely.

use super::Peeked;
use crate::estate::{Arn, FunctionName};
use crate::insight::Inventory;

/// The functions of an account in the order in which they are likely to have failed on what is in a queue.
#[must_use]
pub fn functions(inv: &Inventory, queue: &Arn, told: &Peeked) -> Vec<FunctionName> {
    let named: Vec<&FunctionName> =
        told.messages.iter().filter_map(|m| m.function.as_ref().map(|(name, _)| name)).collect();
    let queue_name = queue.resource();
    let mut all: Vec<(bool, bool, usize, FunctionName)> = inv
        .functions
        .values()
        .map(|row| {
            let function = &row.function;
            let destinations = row.on_failure.value().into_iter().flatten().map(|way| &way.destination);
            let points = function.dead_letter.iter().chain(destinations).any(|to| to == queue);
            let alike = alike(function.name.wire(), queue_name.wire());
            (points, named.contains(&&function.name), alike, function.name.clone())
        })
        .collect();
    all.sort_by(|a, b| (b.0, b.1, b.2).cmp(&(a.0, a.1, a.2)).then_with(|| a.3.cmp(&b.3)));
    all.into_iter().map(|(.., name)| name).collect()
}

/// How many letters and digits two names begin with alike, whatever stands between them.
fn alike(one: &str, other: &str) -> usize {
    let plain = |name: &str| -> Vec<u8> {
        let bytes = name.bytes().filter(u8::is_ascii_alphanumeric);
        bytes.map(|b| b.to_ascii_lowercase()).collect()
    };
    plain(one).iter().zip(&plain(other)).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn names_are_alike_as_far_as_they_begin_alike() {
        assert_eq!(alike("shop-returns", "shopReturns-dlq"), 11);
        assert_eq!(alike("billing", "orders"), 0);
        assert_eq!(alike("", "orders"), 0);
    }
}

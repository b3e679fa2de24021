//! Queries of CloudWatch Metrics Insights, as far as the practice estate knows them: a statistic of a metric, by
//! the schema of its dimensions, grouped by one of them. Source: CloudWatch user guide, "Metrics Insights query
//! components and syntax". It knows series and no values.

use super::world::signal::SeriesKey;

/// A query.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Select<'q> {
    /// The statistic, as a query of a metric names it.
    pub(super) stat: &'static str,
    metric: &'q str,
    namespace: &'q str,
    dimensions: Vec<&'q str>,
    by: &'q str,
}

/// Whether an expression is meant as a query of Metrics Insights.
pub(super) fn is_meant(text: &str) -> bool {
    text.trim_start().get(..7).is_some_and(|word| word.eq_ignore_ascii_case("SELECT "))
}

impl<'q> Select<'q> {
    /// Reads `SELECT SUM(Metric) FROM SCHEMA("Namespace", Dimension, ...) GROUP BY Dimension`; an order and a limit
    /// after it are read over, as there are never so many series.
    pub(super) fn parse(text: &'q str) -> Result<Self, String> {
        let mut words = tokens(text).into_iter();
        let mut next = || words.next().unwrap_or_default();
        expect(next(), "SELECT")?;
        let function = next();
        let stat = STATISTICS.iter().find(|(name, _)| function.eq_ignore_ascii_case(name));
        let stat = stat.map(|(_, stat)| *stat).ok_or_else(|| format!("there is no function {function}"))?;
        expect(next(), "(")?;
        let metric = bare(next());
        expect(next(), ")")?;
        expect(next(), "FROM")?;
        expect(next(), "SCHEMA")?;
        expect(next(), "(")?;
        let namespace = bare(next());
        let mut dimensions = Vec::new();
        loop {
            match next() {
                ")" => break,
                "," => dimensions.push(bare(next())),
                other => return Err(format!("a comma or a parenthesis is expected before {other}")),
            }
        }
        expect(next(), "GROUP")?;
        expect(next(), "BY")?;
        let by = bare(next());
        if !dimensions.contains(&by) {
            return Err(format!("{by} is no dimension of the schema"));
        }
        Ok(Self { stat, metric, namespace, dimensions, by })
    }

    /// The series that it groups by themselves, each with the value that it is grouped by. A schema holds a series
    /// only if that has these dimensions and no other.
    pub(super) fn find<'k>(
        &self,
        keys: impl Iterator<Item = &'k SeriesKey>,
    ) -> impl Iterator<Item = (&'k str, &'k SeriesKey)> {
        keys.filter(|key| {
            key.namespace == self.namespace
                && key.name == self.metric
                && key.dims.len() == self.dimensions.len()
                && self.dimensions.iter().all(|d| key.dim(d).is_some())
        })
        .filter_map(|key| Some((key.dim(self.by)?, key)))
    }
}

const STATISTICS: [(&str, &str); 5] =
    [("SUM", "Sum"), ("AVG", "Average"), ("MIN", "Minimum"), ("MAX", "Maximum"), ("COUNT", "SampleCount")];

/// Words, quoted texts with their quotes, and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |i| i + 2),
            '(' | ')' | ',' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || "(),\"".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        found.push(token);
        rest = after.trim_start();
    }
    found
}

fn bare(token: &str) -> &str {
    token.trim_matches('"')
}

fn expect(found: &str, wanted: &str) -> Result<(), String> {
    if found.eq_ignore_ascii_case(wanted) {
        Ok(())
    } else {
        Err(format!("{wanted} is expected before {found}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_and_bad_ones_refused() {
        let text = "SELECT SUM(Failed) FROM SCHEMA(\"Shop/Payments\", Provider) GROUP BY Provider ORDER BY SUM() DESC";
        let select = Select::parse(text).unwrap();
        let key = |dims: &[(&str, &str)]| SeriesKey {
            namespace: "Shop/Payments".into(),
            name: "Failed".into(),
            dims: dims.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
        };
        let keys = [key(&[("Provider", "a")]), key(&[]), key(&[("Provider", "a"), ("Shop", "b")])];
        let found: Vec<&str> = select.find(keys.iter()).map(|(value, _)| value).collect();
        assert_eq!((select.stat, found), ("Sum", vec!["a"]), "a schema is all dimensions of a series");
        for bad in [
            "SELECT",
            "SELECT SUM(x",
            "SELECT WAT(x) FROM SCHEMA(\"n\", d) GROUP BY d",
            "SELECT SUM(x) FROM SCHEMA(\"n\", d) GROUP BY other",
            "SELECT SUM(x) FROM SCHEMA(\"n\" d) GROUP BY d",
            "SELECT SUM(x) FROM SCHEMA(\"n",
        ] {
            assert!(Select::parse(bad).is_err(), "{bad}");
        }
        assert!(is_meant(" select SUM(x)") && !is_meant("SUM(METRICS())") && !is_meant("sélect"));
    }
}

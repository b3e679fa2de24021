//! Metric maths: arithmetic, comparisons and the everyday functions over series. It knows no metrics, only
//! the values it is given. Source: CloudWatch user guide, "Using math expressions": an operator between two
//! series keeps the time stamps that both have. SEARCH and anomaly bands are not there, and say so.

use std::collections::BTreeMap;

/// Values by the start of their period.
pub(super) type Values = BTreeMap<i64, f64>;

#[derive(Clone, Debug)]
enum Term {
    Number(f64),
    Series(Values),
    Several(Vec<Values>),
}

/// The value of `text` over the periods of `grid`, or what is wrong with it.
pub(super) fn compute(text: &str, inputs: &BTreeMap<String, Values>, grid: &[i64]) -> Result<Values, String> {
    let mut reader = Reader { rest: text, inputs, grid, depth: 0 };
    let term = reader.compare()?;
    if !reader.rest.trim().is_empty() {
        return Err(format!("unexpected text at \"{}\"", reader.rest.trim()));
    }
    match term {
        Term::Number(n) => Ok(grid.iter().map(|t| (*t, n)).collect()),
        Term::Series(s) => Ok(s),
        Term::Several(_) => Err("the expression gives several series where one is wanted".into()),
    }
}

struct Reader<'a> {
    rest: &'a str,
    inputs: &'a BTreeMap<String, Values>,
    grid: &'a [i64],
    depth: u8,
}

impl Reader<'_> {
    fn sign(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, sign: &str) -> Result<(), String> {
        if self.sign(sign) { Ok(()) } else { Err(format!("\"{sign}\" is missing before \"{}\"", self.rest)) }
    }

    fn compare(&mut self) -> Result<Term, String> {
        let left = self.sum()?;
        for (sign, op) in [
            (">=", (|a, b| f64::from(u8::from(a >= b))) as fn(f64, f64) -> f64),
            ("<=", |a, b| f64::from(u8::from(a <= b))),
            ("==", |a, b| f64::from(u8::from(a == b))),
            ("!=", |a, b| f64::from(u8::from(a != b))),
            (">", |a, b| f64::from(u8::from(a > b))),
            ("<", |a, b| f64::from(u8::from(a < b))),
        ] {
            if self.sign(sign) {
                let right = self.sum()?;
                return pairwise(left, right, op);
            }
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Term, String> {
        let mut term = self.product()?;
        loop {
            if self.sign("+") {
                term = pairwise(term, self.product()?, |a, b| a + b)?;
            } else if self.sign("-") {
                term = pairwise(term, self.product()?, |a, b| a - b)?;
            } else {
                return Ok(term);
            }
        }
    }

    fn product(&mut self) -> Result<Term, String> {
        let mut term = self.factor()?;
        loop {
            if self.sign("*") {
                term = pairwise(term, self.factor()?, |a, b| a * b)?;
            } else if self.sign("/") {
                term = pairwise(term, self.factor()?, |a, b| a / b)?;
            } else {
                return Ok(term);
            }
        }
    }

    fn factor(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > 60 {
            return Err("the expression is nested too deeply".into());
        }
        let term = self.factor_inside();
        self.depth -= 1;
        term
    }

    fn factor_inside(&mut self) -> Result<Term, String> {
        if self.sign("-") {
            return pairwise(Term::Number(0.0), self.factor()?, |a, b| a - b);
        }
        if self.sign("(") {
            let term = self.compare()?;
            self.need(")")?;
            return Ok(term);
        }
        if self.sign("[") {
            let list = self.list("]")?;
            return list.into_iter().map(one).collect::<Result<_, _>>().map(Term::Several);
        }
        let text = self.rest.trim_start();
        let end =
            text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
        let (word, after) = text.split_at(end);
        self.rest = after;
        if let Ok(n) = word.parse::<f64>() {
            return Ok(Term::Number(n));
        }
        if self.sign("(") {
            let list = self.list(")")?;
            return self.call(word, list);
        }
        match self.inputs.get(word) {
            Some(values) => Ok(Term::Series(values.clone())),
            None => Err(format!("\"{word}\" is neither a query nor a number")),
        }
    }

    fn list(&mut self, end: &str) -> Result<Vec<Term>, String> {
        let mut list = Vec::new();
        if self.sign(end) {
            return Ok(list);
        }
        loop {
            list.push(self.compare()?);
            if self.sign(end) {
                return Ok(list);
            }
            self.need(",")?;
        }
    }

    fn call(&self, name: &str, list: Vec<Term>) -> Result<Term, String> {
        match (name, list.as_slice()) {
            ("METRICS", []) => Ok(Term::Several(self.inputs.values().cloned().collect())),
            ("FILL", [Term::Series(s), Term::Number(n)]) => {
                Ok(Term::Series(self.grid.iter().map(|t| (*t, s.get(t).copied().unwrap_or(*n))).collect()))
            }
            ("FILL", [Term::Series(s), Term::Series(f)]) => Ok(Term::Series(
                self.grid.iter().filter_map(|t| Some((*t, *s.get(t).or_else(|| f.get(t))?))).collect(),
            )),
            ("IF", [c, a]) => choose(c.clone(), a.clone(), None, self.grid),
            ("IF", [c, a, b]) => choose(c.clone(), a.clone(), Some(b.clone()), self.grid),
            ("ABS", [x]) => each(x.clone(), f64::abs),
            ("CEIL", [x]) => each(x.clone(), f64::ceil),
            ("FLOOR", [x]) => each(x.clone(), f64::floor),
            ("RATE", [Term::Series(s)]) => Ok(Term::Series(rate(s))),
            ("SUM" | "AVG" | "MIN" | "MAX", [Term::Series(s)]) => {
                let values: Vec<f64> = s.values().copied().collect();
                fold(name, &values).map(Term::Number).ok_or_else(|| format!("{name} of no values"))
            }
            ("SUM" | "AVG" | "MIN" | "MAX", [Term::Several(all)]) => {
                let mut at: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
                for (t, v) in all.iter().flatten() {
                    at.entry(*t).or_default().push(*v);
                }
                Ok(Term::Series(at.iter().filter_map(|(t, v)| Some((*t, fold(name, v)?))).collect()))
            }
            _ => {
                Err(format!("{name} with {} such arguments is not known in the practice estate", list.len()))
            }
        }
    }
}

fn fold(name: &str, values: &[f64]) -> Option<f64> {
    match name {
        "SUM" => Some(values.iter().sum()),
        "AVG" => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
        "MIN" => values.iter().copied().reduce(f64::min),
        _ => values.iter().copied().reduce(f64::max),
    }
}

fn rate(s: &Values) -> Values {
    let later = s.iter().skip(1);
    s.iter().zip(later).map(|((t0, v0), (t1, v1))| (*t1, (v1 - v0) / (t1 - t0) as f64)).collect()
}

fn one(term: Term) -> Result<Values, String> {
    match term {
        Term::Series(s) => Ok(s),
        Term::Number(_) | Term::Several(_) => Err("a list holds series".into()),
    }
}

fn each(term: Term, f: fn(f64) -> f64) -> Result<Term, String> {
    match term {
        Term::Number(n) => Ok(Term::Number(f(n))),
        Term::Series(s) => Ok(Term::Series(s.into_iter().map(|(t, v)| (t, f(v))).collect())),
        Term::Several(_) => Err("this function takes one series".into()),
    }
}

/// `a` and `b` by time stamp. What is not a number (0/0, x/0) is no data point.
fn pairwise(a: Term, b: Term, f: fn(f64, f64) -> f64) -> Result<Term, String> {
    let finite = |(t, v): (i64, f64)| v.is_finite().then_some((t, v));
    match (a, b) {
        (Term::Number(x), Term::Number(y)) => Ok(Term::Number(f(x, y))),
        (Term::Series(s), Term::Number(y)) => {
            Ok(Term::Series(s.into_iter().map(|(t, v)| (t, f(v, y))).filter_map(finite).collect()))
        }
        (Term::Number(x), Term::Series(s)) => {
            Ok(Term::Series(s.into_iter().map(|(t, v)| (t, f(x, v))).filter_map(finite).collect()))
        }
        (Term::Series(s), Term::Series(r)) => Ok(Term::Series(
            s.into_iter().filter_map(|(t, v)| r.get(&t).map(|w| (t, f(v, *w)))).filter_map(finite).collect(),
        )),
        (Term::Several(_), _) | (_, Term::Several(_)) => Err("an operator takes no list of series".into()),
    }
}

fn choose(c: Term, a: Term, b: Option<Term>, grid: &[i64]) -> Result<Term, String> {
    let at = |term: &Term, t: i64| match term {
        Term::Number(n) => Some(*n),
        Term::Series(s) => s.get(&t).copied(),
        Term::Several(_) => None,
    };
    let pick = |t: &i64| {
        let yes = at(&c, *t)? != 0.0;
        let value = if yes { at(&a, *t)? } else { at(b.as_ref()?, *t)? };
        Some((*t, value))
    };
    Ok(Term::Series(grid.iter().filter_map(pick).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<Vec<(i64, f64)>, String> {
        let inputs = [
            ("m1".to_owned(), Values::from([(0, 1.0), (60, 2.0)])),
            ("m2".to_owned(), Values::from([(0, 4.0), (60, 0.0), (120, 8.0)])),
        ]
        .into();
        compute(text, &inputs, &[0, 60, 120]).map(|v| v.into_iter().collect())
    }

    #[test]
    fn arithmetic_keeps_common_time_stamps_and_drops_what_is_no_number() {
        assert_eq!(run("100 * m1 / m2"), Ok(vec![(0, 25.0)]));
        assert_eq!(run("m1 + m2 * 2"), Ok(vec![(0, 9.0), (60, 2.0)]));
        assert_eq!(run("-(m1 - 1)"), Ok(vec![(0, 0.0), (60, -1.0)]));
        assert_eq!(run("7"), Ok(vec![(0, 7.0), (60, 7.0), (120, 7.0)]));
    }

    #[test]
    fn functions_do_what_the_guide_says() {
        assert_eq!(run("FILL(m1, 0) + m2"), Ok(vec![(0, 5.0), (60, 2.0), (120, 8.0)]));
        assert_eq!(run("SUM(METRICS())"), Ok(vec![(0, 5.0), (60, 2.0), (120, 8.0)]));
        assert_eq!(run("SUM([m1, m2])"), run("SUM(METRICS())"));
        assert_eq!(run("IF(m2 > 0, 100 * FILL(m1, 0) / m2, 0)"), Ok(vec![(0, 25.0), (60, 0.0), (120, 0.0)]));
        assert_eq!(run("m2 / SUM(m2)"), Ok(vec![(0, 4.0 / 12.0), (60, 0.0), (120, 8.0 / 12.0)]));
    }

    #[test]
    fn nonsense_is_refused_with_words() {
        for bad in ["", "m3", "m1 +", "(m1", "SEARCH(m1)", "[m1]", "m1 m2", "FILL(m1)"] {
            assert!(run(bad).is_err(), "{bad}");
        }
        assert!(run(&"(".repeat(10_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[m0-9 +*/<>=(),.\\[\\]-]{0,60}|(FILL|SUM|IF|METRICS|RATE|m1|m2|[(),+/-]){0,30}|\\PC{0,40}") {
            if let Ok(points) = run(&text) {
                // what comes out lies on the grid that was asked for
                assert!(points.iter().all(|(t, _)| [0, 60, 120].contains(t)), "{text}: {points:?}");
            }
        }
    }
}

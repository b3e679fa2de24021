//! How a queue filled and emptied over the last hours.

use super::inventory::{Inventory, MetricKey};
use super::roots::{TREND, queue_metric};
use super::source::{About, Reach, Source};
use crate::estate::{QueueUrl, Timestamp};

/// Points, oldest first.
pub type Points<'a> = &'a [(Timestamp, f64)];

/// The series of a queue; each is `None` until it was read, and empty where CloudWatch has no point.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Trend<'a> {
    /// Messages that wait, the most in each step.
    pub visible: Option<Points<'a>>,
    /// Messages in flight, the most in each step.
    pub in_flight: Option<Points<'a>>,
    /// Messages sent in each step. What a redrive policy moves is not in it (DOMAIN A).
    pub sent: Option<Points<'a>>,
    /// Messages deleted in each step.
    pub deleted: Option<Points<'a>>,
    /// The age of the oldest message in seconds, the most in each step.
    pub oldest_age: Option<Points<'a>>,
}

/// The trend of a queue, as its walk read it.
#[must_use]
pub fn of<'a>(inv: &'a Inventory, url: &QueueUrl) -> Trend<'a> {
    let metrics = inv.metrics(&Source::Detail(About::QueueTrend(url.clone(), Reach::Near)));
    let series = |(name, stat): (&str, &str)| {
        let key = MetricKey::Stat(queue_metric(url, name), stat.into());
        metrics?.series.get(&key).map(Vec::as_slice)
    };
    let [visible, in_flight, sent, deleted, oldest_age] = TREND.map(series);
    Trend { visible, in_flight, sent, deleted, oldest_age }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Series;
    use crate::estate::ask::{Answer, Ask, cloudwatch};
    use crate::insight::examples::*;
    use crate::insight::{Wants, roots};

    #[test]
    fn the_series_of_a_queue_are_told_apart() {
        let mut inv = Inventory::default();
        let source = Source::Detail(About::QueueTrend(url("q"), Reach::Near));
        assert_eq!(of(&inv, &url("q")), Trend::default());
        let wants = Wants { at: at(), now: now(), tags_wanted: false };
        let query = roots(&source, &inv, &wants).remove(0);
        let Ask::CloudWatch(cloudwatch::Ask::GetMetricData(asked)) = &query.ask else { panic!() };
        let series = asked
            .queries
            .iter()
            .enumerate()
            .filter(|(i, _)| *i < 4)
            .map(|(i, q)| Series {
                id: q.id.clone(),
                label: "".into(),
                points: vec![(ago(60), i as f64), (ago(360), 9.0)],
                trouble: None,
            })
            .collect();
        walk(
            &mut inv,
            source,
            vec![(query.clone(), Answer::CloudWatch(cloudwatch::Answer::GetMetricData(series)))],
        );
        let trend = of(&inv, &url("q"));
        assert_eq!(trend.visible.unwrap(), [(ago(360), 9.0), (ago(60), 0.0)]);
        assert_eq!(trend.deleted.unwrap()[1].1, 3.0);
        assert_eq!(trend.oldest_age, Some(&[][..]), "asked for and without a point");
    }
}

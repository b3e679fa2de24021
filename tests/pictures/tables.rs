//! The tables that the commands print for a person, over the still estate.

use crate::still;
use crate::window;
use bartizan::cli::facts::Facts;
use bartizan::cli::gaps::Gaps;
use bartizan::cli::scene::Scene;
use bartizan::cli::table::Block;
use bartizan::cli::{alarms, queues, secrets, status, waf};
use bartizan::estate::{At, Scope, Ticket};
use bartizan::insight::{About, Broad, Inventory, Source, Subject, Wants, document, roots};

/// In the order in which questions are taken from answers.
const LISTS: [Broad; 11] = [
    Broad::Identity,
    Broad::Alarms,
    Broad::Mutes,
    Broad::Queues,
    Broad::Functions,
    Broad::QueueAges,
    Broad::WebAcls(Scope::Regional),
    Broad::WebAcls(Scope::CloudFront),
    Broad::WafCounts(Scope::Regional),
    Broad::WafCounts(Scope::CloudFront),
    Broad::Secrets,
];

/// One that is read from an estate.
struct Reading {
    inv: Inventory,
    ports: bartizan::estate::Ports,
    sources: Vec<Source>,
}

impl Reading {
    fn of(systems: &[&str]) -> Self {
        let ports = still::estate(systems);
        let mut reading = Self { inv: Inventory::default(), ports, sources: Vec::new() };
        for broad in LISTS {
            reading.read(Source::Broad(broad));
        }
        reading
    }

    fn read(&mut self, source: Source) {
        let account = self.inv.identity.value().map(|i| i.account.clone());
        let at = At { account, region: self.ports.region.clone() };
        let wants = Wants { at, now: still::now(), tags_wanted: false };
        let questions = roots(&source, &self.inv, &wants);
        let ticket = Ticket(self.sources.len() as u64 + 1);
        self.inv.begin(&source, ticket);
        for event in still::walk(&self.ports, &source, ticket, questions) {
            self.inv.fold(event);
        }
        self.sources.push(source);
    }

    /// What `say` makes of it, as lines.
    fn text(&self, width: usize, say: impl FnOnce(&Scene<'_>, &Facts) -> Vec<Block>) -> String {
        let (config, context) = (window::config(), still::context());
        let gaps = Gaps::of(&self.inv, &self.sources);
        let scene = Scene {
            inv: &self.inv,
            now: still::now(),
            context: &context,
            region: &self.ports.region,
            config: &config,
            gaps: &gaps,
            practice: true,
            runs: None,
            incidents: &[],
        };
        let blocks = say(&scene, &Facts::of(&scene));
        let lines = blocks.iter().flat_map(|block| match block {
            Block::Line(line) => vec![line.clone()],
            Block::Table(table) => table.lines(Some(width)),
        });
        let plain = |line: Vec<bartizan::cli::table::Cell>| {
            line.into_iter().map(|cell| cell.text).collect::<String>().trim_end().to_owned() + "\n"
        };
        lines.map(plain).collect()
    }

    fn details(&mut self, subject: &Subject) {
        for source in document::details(&self.inv, subject) {
            self.read(source);
        }
    }
}

/// Every command's table: of the whole estate where it is one line a thing of few, else of one system.
pub fn all(width: usize) -> Vec<(String, String)> {
    let whole = Reading::of(&[]);
    let mut small = Reading::of(&["omnitrack", "logapi"]);
    let mut out = vec![
        ("status".to_owned(), whole.text(width, status::blocks)),
        ("queues".to_owned(), whole.text(width, queues::list_blocks)),
        ("waf".to_owned(), whole.text(width, waf::list_blocks)),
        ("secrets".to_owned(), whole.text(width, secrets::list_blocks)),
        ("alarms".to_owned(), small.text(width, alarms::list_blocks)),
        ("status_of_nothing".to_owned(), Reading::of(&["mte"]).text(width, status::blocks)),
    ];
    let alarm = small.inv.alarms.values().next().unwrap().clone();
    let history = Source::Detail(About::AlarmHistory(alarm.name.clone()));
    small.details(&Subject::Alarm(alarm.arn.clone()));
    small.read(history);
    out.push(("alarm".to_owned(), small.text(width, |s, f| alarms::show_blocks(&alarm, s, f))));
    out.push(("alarm_history".to_owned(), small.text(width, |s, _| alarms::history_blocks(&alarm, s))));

    let acl = small.inv.regional_acls.values().next().unwrap().clone();
    let arn = acl.summary.arn.clone();
    small.details(&Subject::Acl(arn.clone()));
    small.read(Source::Detail(About::AclSamples(arn)));
    out.push(("web_acl".to_owned(), small.text(width, |s, f| waf::show_blocks(&acl, s, f))));
    let samples = small.text(width, |s, _| waf::samples_blocks(&acl, s));
    let tops = samples.lines().take(30).map(|l| format!("{l}\n")).collect();
    out.push(("web_acl_samples".to_owned(), tops));

    let secret = small.inv.secrets.values().next().unwrap().clone();
    small.details(&Subject::Secret(secret.secret.arn.clone()));
    out.push(("secret".to_owned(), small.text(width, |s, f| secrets::show_blocks(&secret, s, f))));

    let mut whole = whole;
    let queue = whole.inv.queues.values().find(|q| q.url.name().wire() == "orders-failures").unwrap().clone();
    whole.details(&Subject::Queue(queue.url.clone()));
    out.push(("queue".to_owned(), whole.text(width, |s, f| queues::show_blocks(&queue, s, f))));
    out
}

/// The lists where there is little room.
pub fn narrow(width: usize) -> Vec<(String, String)> {
    let whole = Reading::of(&[]);
    vec![
        ("status_narrow".to_owned(), whole.text(width, status::blocks)),
        ("queues_narrow".to_owned(), whole.text(width, queues::list_blocks)),
        ("secrets_narrow".to_owned(), whole.text(width, secrets::list_blocks)),
    ]
}

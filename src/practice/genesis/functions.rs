//! The first rows of functions with their configuration, versions and aliases, and of mappings.

use super::{Maker, target, values, with};
use crate::practice::prng::Prng;
use crate::practice::seed::{self, AliasSeed, FunctionSeed, MappingSeed};
use crate::practice::world::function::{Alias, Config, Function, Mapping};
use crate::practice::world::secret::uuid;
use crate::practice::world::{ACCOUNT, DAY, arn};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The last deployment of everything is so long ago when the practice begins.
const DEPLOYED: i64 = 20 * DAY;

impl Maker<'_> {
    pub(super) fn functions(&mut self, f: &FunctionSeed, tags: &[(String, String)]) {
        for word in seed::each(&f.each) {
            let name = seed::fill(&f.name, word);
            let mut rng = self.rng(&format!("function {name}"));
            let mut latest = self.config(f, &name, &mut rng);
            let versions: Vec<Config> = (1..=f.versions).map(|n| published(&latest, n, &mut rng)).collect();
            if f.drifted {
                latest.code = code(&mut rng); // deployed and not published yet
            }
            let aliases = f.alias.iter().map(|a| alias(a, f.versions, &mut rng)).collect();
            self.world.functions.push(Function {
                dead_letter: f.dead_letter.as_deref().map(target),
                on_failure: f.on_failure.as_deref().map(target),
                asynchronous: f.asynchronous,
                reserved: f.reserved,
                limits: Vec::new(),
                url: f.url.clone(),
                opened: self.world.start - DEPLOYED,
                modified: self.world.start - DEPLOYED,
                invoked_by: f.invoked_by.clone(),
                surges: Vec::new(),
                tags: with(tags, &f.tags),
                latest,
                update: None,
                versions,
                aliases,
                rng,
                name,
            });
        }
    }

    fn config(&mut self, f: &FunctionSeed, name: &str, rng: &mut Prng) -> Config {
        let variables = values::texts(self.world, &f.variables);
        Config {
            version: "$LATEST".into(),
            revision: uuid(rng),
            code: code(rng),
            description: f.description.clone().unwrap_or_default(),
            handler: f.handler.clone(),
            role: format!("arn:aws:iam::{ACCOUNT}:role/{name}-role"),
            layers: f.layers.iter().map(|l| arn("lambda", &format!("layer:{l}"))).collect(),
            timeout: f.timeout_s,
            kms: f.kms.clone(),
            snap_start: f.snap_start,
            variables,
            unreadable: f.unreadable.clone(),
            active_at: self.world.start,
        }
    }

    pub(super) fn mapping(&mut self, m: &MappingSeed) {
        let mut rng = self.rng(&format!("mapping {} {}", m.function, m.source));
        self.world.mappings.push(Mapping {
            id: uuid(&mut rng),
            function: arn("lambda", &format!("function:{}", m.function)),
            source: target(&m.source),
            on_failure: m.on_failure.as_deref().map(target),
            state: m.state.clone(),
        });
    }
}

fn published(latest: &Config, number: u32, rng: &mut Prng) -> Config {
    Config {
        version: number.to_string(),
        revision: uuid(rng),
        description: format!("release {number}"),
        ..latest.clone()
    }
}

fn alias(a: &AliasSeed, versions: u32, rng: &mut Prng) -> Alias {
    let before = versions.saturating_sub(1).max(1).to_string();
    Alias {
        name: a.name.clone(),
        version: a.version.unwrap_or(versions).to_string(),
        revision: uuid(rng),
        weighted: a.weight.map(|w| (before, w)),
        provisioned: a.provisioned.map(|n| (n, 0)),
    }
}

/// A `CodeSha256`.
fn code(rng: &mut Prng) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| rng.draw().to_be_bytes()).collect();
    STANDARD.encode(bytes)
}

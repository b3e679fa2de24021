//! The AWS CLI line of a call, in parts: quoting for a shell belongs to whoever draws it.

/// A command of the AWS CLI with its options.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliLine {
    /// The words after `aws`, e.g. `secretsmanager put-secret-value`.
    pub command: &'static str,
    /// Options without their dashes, in order.
    pub options: Vec<(&'static str, CliValue)>,
}

/// The value of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CliValue {
    /// One value.
    Text(String),
    /// Several values.
    Many(Vec<String>),
    /// A secret: a file that whoever runs the line provides, e.g. `file://NEW-VALUE`.
    Secret(&'static str),
    /// A file that the command writes its answer to.
    File(&'static str),
    /// No value.
    Flag,
}

impl CliLine {
    /// A command without options.
    #[must_use]
    pub fn new(command: &'static str) -> Self {
        Self { command, options: Vec::new() }
    }

    /// With `--name value`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.options.push((name, CliValue::Text(value.into())));
        self
    }

    /// With an option of another kind.
    #[must_use]
    pub fn also(mut self, name: &'static str, value: CliValue) -> Self {
        self.options.push((name, value));
        self
    }
}

//! What the strangers look like whose requests a rule matches: countries, methods, paths and agents, the
//! most frequent first. Hostile ones are among them, since real ones are hostile.

use crate::practice::world::acl::Looks;

/// Strangers of one kind.
pub(super) struct Crowd {
    pub(super) countries: &'static [&'static str],
    pub(super) methods: &'static [&'static str],
    pub(super) uris: &'static [&'static str],
    /// An empty one is a request without the header.
    pub(super) agents: &'static [&'static str],
    /// From how many addresses of a network they come.
    pub(super) hosts: u64,
}

/// The strangers that match rules of this kind.
pub(super) fn of(looks: Looks) -> Crowd {
    match looks {
        Looks::Sqli => Crowd {
            countries: &["NL", "US", "VN", "BR"],
            methods: &["GET", "GET", "POST"],
            uris: &[
                "/api/twins",
                "/api/twins/1%27%20OR%201=1--",
                "/api/search",
                "/login",
                "/api/scenario/7)%20UNION%20SELECT%20password%20FROM%20users--",
            ],
            agents: &[
                "sqlmap/1.8.4#stable (https://sqlmap.org)",
                "Mozilla/5.0 (X11; Linux x86_64)",
                "python-requests/2.32",
            ],
            hosts: 60,
        },
        Looks::Flood => Crowd {
            countries: &["US", "DE", "SG"],
            methods: &["GET"],
            uris: &["/api/agents", "/", "/api/health"],
            agents: &["Go-http-client/1.1", "k6/0.49.0 (https://k6.io/)"],
            hosts: 4,
        },
        Looks::Agent => Crowd {
            countries: &["US", "FR", "IN"],
            methods: &["GET", "HEAD"],
            uris: &["/", "/robots.txt", "/.env"],
            agents: &["", "-", "x"],
            hosts: 60,
        },
        Looks::Geo => Crowd {
            countries: &["CN", "RU", "KP"],
            methods: &["GET", "POST"],
            uris: &["/", "/login", "/api/twins"],
            agents: &["Mozilla/5.0 (Windows NT 10.0; Win64; x64)"],
            hosts: 60,
        },
        Looks::Form => Crowd {
            countries: &["DE", "AT", "CH"],
            methods: &["POST"],
            uris: &["/login", "/cart", "/cart/voucher"],
            agents: &["Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"],
            hosts: 30,
        },
        Looks::Scanner => Crowd {
            countries: &["US", "NL", "RU", "IN"],
            methods: &["GET", "POST", "PUT"],
            uris: &[
                "/wp-login.php",
                "/../../etc/passwd",
                "/.git/config",
                "/cgi-bin/\u{1b}]0;pwned\u{7}\u{1b}[2J",
                "/?q=<script>alert(1)</script>",
                "/\u{202e}gnp.exe",
            ],
            agents: &[
                "Mozilla/5.0 zgrab/0.x",
                "curl/8.11.0",
                "\u{1b}[31mNikto\u{1b}[0m/2.5.0",
                "() { :; }; /bin/id",
            ],
            hosts: 60,
        },
    }
}

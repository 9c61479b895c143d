//! The files of the page, as they are in the binary.

/// A file of the page, in the forms in which browsers take it.
pub(crate) struct File {
    /// The path below the folder of the built page.
    pub(crate) name: &'static str,
    /// What stands for the content; another content has another tag.
    pub(crate) tag: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: &'static [u8],
    pub(crate) brotli: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

impl File {
    /// The file of a name, if there is one.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.name == name)
    }

    /// The content in the best form that the header `Accept-Encoding` allows, with the name of that form.
    pub(crate) fn encoded(&self, accepted: &str) -> (Option<&'static str>, &'static [u8]) {
        let accepts = |name: &str| accepted.split(',').any(|entry| is_accepted(entry, name));
        if accepts("br") {
            (Some("br"), self.brotli)
        } else if accepts("gzip") {
            (Some("gzip"), self.gzip)
        } else {
            (None, self.plain)
        }
    }

    /// What browsers are told that it is.
    pub(crate) fn content_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

/// Whether an entry such as `br;q=0.8` names a form and does not rule it out.
fn is_accepted(entry: &str, name: &str) -> bool {
    let mut parts = entry.split(';').map(str::trim);
    let is_named = parts.next().is_some_and(|known| known.eq_ignore_ascii_case(name));
    is_named && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)))
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test fails by it")]
mod tests {
    use super::*;

    #[test]
    fn the_best_form_that_is_accepted_is_taken() {
        let Some(index) = File::find("index.html") else { panic!("the page has no index.html") };
        for (accepted, form) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip;q=1.0, br;q=0", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("identity", None),
            ("", None),
            ("brx", None),
        ] {
            assert_eq!(index.encoded(accepted).0, form, "{accepted}");
        }
    }

    #[test]
    fn every_file_has_a_type() {
        assert!(FILES.len() > 3);
        for file in FILES {
            assert_ne!(file.content_type(), "application/octet-stream", "{}", file.name);
            assert!(file.brotli.len() <= file.plain.len() + 16, "{}", file.name);
        }
    }
}

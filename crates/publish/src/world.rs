//! What Typst may see while it typesets: our templates, the embedded fonts and a few files in memory. Nothing else
//! exists for it: no disk, no network, no packages, no clock.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

use crate::fonts::FONTS;

/// The whole report: the template that Typst begins with.
pub(crate) const REPORT: &str = "report.typ";
/// One sheet alone.
pub(crate) const PREVIEW: &str = "preview.typ";

/// The templates by their path.
const TEMPLATES: [(&str, &str); 5] = [
    ("preview.typ", include_str!("templates/preview.typ")),
    ("report.typ", include_str!("templates/report.typ")),
    ("common.typ", include_str!("templates/common.typ")),
    ("front.typ", include_str!("templates/front.typ")),
    ("sheet.typ", include_str!("templates/sheet.typ")),
];

/// The library and the parsed templates, made once for the life of the program.
struct Fixed {
    // Row headers (`pdf.header-cell`) exist only behind this feature; templates/common.typ is the only place that uses it.
    library: LazyHash<Library>,
    sources: Vec<Source>,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| Fixed {
    library: LazyHash::new(
        Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build(),
    ),
    sources: TEMPLATES
        .iter()
        .filter_map(|(path, text)| Some(Source::new(file_id(path)?, (*text).to_owned())))
        .collect(),
});

/// The world of one report.
pub(crate) struct ReportWorld {
    main: FileId,
    files: Vec<(FileId, Bytes)>,
}

impl ReportWorld {
    /// A world that begins with the template `main` and has these files beside the templates. `None` when a path is none: Typst keeps every path that it ever
    /// saw, so the paths are few and fixed.
    pub(crate) fn new(main: &str, files: Vec<(&'static str, Bytes)>) -> Option<Self> {
        let files =
            files.into_iter().map(|(path, bytes)| Some((file_id(path)?, bytes))).collect::<Option<_>>()?;
        Some(Self { main: file_id(main)?, files })
    }
}

fn file_id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &FIXED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        FIXED.sources.iter().find(|source| source.id() == id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(file, _)| *file == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    /// No clock: the report's date is data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

//! Puts a report into a folder, each file whole or not at all, and the errors printing can end in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use evidence::Evidence;

use crate::json::REPORT_JSON;
use crate::{Page, RunInfo, SCHEMA_JSON, ctrf, html, json, junit, statement};

/// Why a report could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file system refused.
    #[error(
        "{path}: {error}. The report could not be written; the folder must be writable and have room. Mend that or name another with --out."
    )]
    Io {
        /// The file or folder.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A printer could not put the page into its format.
    #[error(
        "{file}: {reason}. The report's printer is at fault, not the product; please report this with the evidence folder."
    )]
    Print {
        /// The file that was to be printed.
        file: &'static str,
        /// What the printer's library said.
        reason: String,
    },
    /// The data compiled into this program cannot be read.
    #[error("{0}. The program itself is at fault: its own data is broken; get another build.")]
    OwnData(#[from] requirements::DataError),
}

impl ReportError {
    pub(crate) fn print(file: &'static str, reason: impl ToString) -> Self {
        ReportError::Print {
            file,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn own_data(error: requirements::DataError) -> Self {
        ReportError::OwnData(error)
    }
}

/// Name of the file that is written only when a product told the digest of its build.
const STATEMENT: &str = "statement.intoto.json";

/// Every file made from the page and the evidence, by name, in the order they are to be read; the in-toto
/// statement only when a product told the digest of its build.
pub fn printed(
    page: &Page,
    evidence: &Evidence,
    run_info: &RunInfo,
) -> Result<Vec<(&'static str, String)>, ReportError> {
    // The page takes as long as all the others together.
    let others = || -> Result<_, ReportError> {
        let report = json(page, run_info)?;
        let stated = statement(page, &report)?;
        Ok((report, stated, junit(page)?, ctrf(page)?))
    };
    let (page_html, others) = rayon::join(|| html(page, evidence), others);
    let (report, stated, junit, ctrf) = others?;
    let mut files = vec![
        (REPORT_JSON, report),
        ("report.html", page_html?),
        ("junit.xml", junit),
        ("ctrf.json", ctrf),
        ("report.schema.json", SCHEMA_JSON.to_owned()),
    ];
    files.extend(stated.map(|text| (STATEMENT, text)));
    Ok(files)
}

/// Writes [`printed`] into `out_dir`, which is made when missing, and returns the paths. Everything is
/// printed before the first file is touched.
pub fn write_all(
    out_dir: &Path,
    page: &Page,
    evidence: &Evidence,
    run_info: &RunInfo,
) -> Result<Vec<PathBuf>, ReportError> {
    let files = printed(page, evidence, run_info)?;
    fs::create_dir_all(out_dir).map_err(io(out_dir))?;
    if !files.iter().any(|(name, _)| *name == STATEMENT) {
        gone(&out_dir.join(STATEMENT))?;
    }
    files
        .iter()
        .map(|(name, text)| put(&out_dir.join(name), text))
        .collect()
}

/// A statement of a former run must not lie beside a report it is not about.
fn gone(path: &Path) -> Result<(), ReportError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(path)(error)),
        _ => Ok(()),
    }
}

/// Written beside its place and moved there, so that nobody ever reads half a file.
fn put(path: &Path, text: &str) -> Result<PathBuf, ReportError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    let written = fs::File::create(&beside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
        })
        .map_err(io(&beside))
        .and_then(|()| fs::rename(&beside, path).map_err(io(path)));
    if written.is_err() {
        // The first error is the one to tell; a leftover that cannot be removed adds nothing to it.
        let _ = fs::remove_file(&beside);
    }
    written.map(|()| path.to_owned())
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ReportError {
    let path = path.display().to_string();
    move |error| ReportError::Io { path, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn whole_files_and_nothing_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/report");
        for _ in 0..2 {
            let paths = write_all(
                &out,
                &testing::page(),
                &testing::evidence(),
                &testing::run_info(),
            )
            .unwrap();
            let mut there: Vec<_> = fs::read_dir(&out)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect();
            there.sort();
            let mut told = paths.clone();
            told.sort();
            assert_eq!(there, told);
            let text = fs::read_to_string(&paths[0]).unwrap();
            assert_eq!(text, json(&testing::page(), &testing::run_info()).unwrap());
            let said = fs::read_to_string(out.join(STATEMENT)).unwrap();
            let digest = evidence::digest_hex(text.as_bytes());
            assert!(
                said.contains(&digest),
                "it names the report as it lies there"
            );
        }
    }

    #[test]
    fn no_statement_of_a_former_run_stays_beside_a_report_it_is_not_about() {
        let folder = tempfile::tempdir().unwrap();
        let mut page = testing::page();
        for there in [true, false] {
            write_all(
                folder.path(),
                &page,
                &testing::evidence(),
                &testing::run_info(),
            )
            .unwrap();
            assert_eq!(folder.path().join(STATEMENT).exists(), there);
            page.products.clear();
        }
    }

    #[test]
    fn an_error_names_the_file_and_leaves_no_half_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("report.html/occupied")).unwrap();
        let said = write_all(
            folder.path(),
            &testing::page(),
            &testing::evidence(),
            &testing::run_info(),
        )
        .unwrap_err()
        .to_string();
        assert!(
            said.contains("report.html") && said.contains("--out"),
            "{said}"
        );
        let half = fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().ends_with(".partial")
            })
            .count();
        assert_eq!(half, 0);
        let file = folder.path().join("report.json");
        let said = write_all(
            &file,
            &testing::page(),
            &testing::evidence(),
            &testing::run_info(),
        )
        .unwrap_err();
        assert!(said.to_string().contains("report.json"), "{said}");
    }
}

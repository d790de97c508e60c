//! Elements of a result that are there without a value. They mean as much as absent ones, so `result` leaves
//! them out; a receipt computer that takes them for values must first see them.

use crate::xml::{self, Element, XmlError};

/// For each person block of a result, in order, the paths of its empty elements, as in
/// [`crate::result::PersonBlock::elements`]. Fails as the reading of the result does.
pub fn elements(bytes: &[u8]) -> Result<Vec<Vec<String>>, XmlError> {
    let (_, body) = xml::parts(bytes)?;
    let blocks = body.list("ResultList", "ResultOfQualificationConfirmation")?;
    let empty = blocks.into_iter().map(|block| {
        let mut paths = Vec::new();
        collect(block, "", &mut paths);
        paths
    });
    Ok(empty.collect())
}

fn collect(element: &Element, around: &str, paths: &mut Vec<String>) {
    for child in &element.children {
        let path = format!("{around}{}", child.name);
        if !child.children.is_empty() {
            collect(child, &format!("{path}/"), paths);
        } else if child.text.is_empty() {
            paths.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_elements_are_named_by_block_and_path() {
        let text = "<XmlMsg><MessageBody><ResultList>\
            <ResultOfQualificationConfirmation><A></A><B>1</B><C><D/><E>2</E></C></ResultOfQualificationConfirmation>\
            <ResultOfQualificationConfirmation><B>1</B></ResultOfQualificationConfirmation>\
            </ResultList></MessageBody></XmlMsg>";
        let found = elements(text.as_bytes()).unwrap();
        assert_eq!(found, [vec!["A".to_owned(), "C/D".to_owned()], vec![]]);
        assert!(elements(b"<XmlMsg>").is_err());
    }
}

//! What the review body feeds: drugs, one by one, as claims tell of them. Checked whole before any of it
//! is kept; the same told twice is kept once. Nobody need be known by the number yet.

use rules::InsuredKey;
use wire::registration::FedDrug;
use world::http::{Answer, Asked};

use crate::entry::{Wrong, date, key, name, wrong};
use crate::house::Server;
use crate::refused::Refused;
use crate::routes::json;

/// Keeps a drug the review body tells of.
pub(crate) async fn feed(server: &Server, asked: &Asked) -> Result<Answer, Refused> {
    let drug: FedDrug = json(asked)?;
    let key = read_drug(&drug)?;
    let at = server.clock.rfc3339();
    server.store().keep_drug(&key, &drug, &at)?;
    Ok(Answer::new(204, "", ""))
}

fn read_drug(drug: &FedDrug) -> Result<InsuredKey, Wrong> {
    let insured = &drug.insured;
    let key = key(
        &insured.insurer_number,
        &insured.symbol,
        &insured.number,
        &insured.branch,
    )?;
    date("dispensed-on", &drug.dispensed_on)?;
    let month = date("month", &format!("{}-01", drug.month))?;
    if month.strftime("%Y-%m").to_string() != drug.month {
        return Err(wrong(
            "month",
            "診療年月はYYYY-MMの形で送ってください。",
            "the month must be written YYYY-MM",
        ));
    }
    if drug.drug_code.len() != 9 || !drug.drug_code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong(
            "drug-code",
            "医薬品コードは数字9桁で送ってください。",
            "a drug code has nine digits",
        ));
    }
    name("drug-name", &drug.drug_name)?;
    name("quantity", &drug.quantity)?;
    name("unit", &drug.unit)?;
    name("usage", &drug.usage)?;
    Ok(key)
}

//! Makes the finished file small: a tagged report is thousands of little objects, which Typst writes one by one as plain
//! text. Here they are gathered into compressed object streams with a cross-reference stream (ISO 32000-1, 7.5.7 and
//! 7.5.8), which PDF/A-3 and PDF/UA allow.
//!
//! It reads only what Typst's own writer produces (one classic cross-reference table, generation 0, no encryption);
//! anything else is refused with a sentence. Why not a library: docs/adr/pdf-packing.md.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Objects in one object stream: a reader unpacks a whole stream to find one object, so not all in one.
const OBJECTS_IN_A_STREAM: usize = 1024;
/// The bytes of one entry of the cross-reference stream: kind, offset or stream, index.
const WIDTHS: [usize; 3] = [1, 4, 2];

/// An object of the file: its number and the text between `obj` and `endobj`.
struct Object<'f> {
    number: usize,
    body: &'f [u8],
}

/// Where the packed file has an object.
#[derive(Clone, Copy)]
enum Place {
    Free,
    At(usize),
    In { stream: usize, index: usize },
}

/// The same document with its objects packed; the same bytes for the same file.
pub(crate) fn pack(file: &[u8]) -> Result<Vec<u8>, String> {
    let (offsets, trailer) = read_end(file)?;
    let objects = read_objects(file, &offsets)?;
    let (streams, plain): (Vec<&Object>, Vec<&Object>) =
        objects.iter().partition(|object| object.body.ends_with(b"endstream"));
    let groups = plain.len().div_ceil(OBJECTS_IN_A_STREAM);
    let first_group = offsets.len();
    let mut places = vec![Place::Free; first_group + groups + 1];
    // What stands before the first object: the version and the comment that marks the file as binary.
    let head = objects.first().map(|_| offsets.iter().flatten().min().copied().unwrap_or_default());
    let mut out = file[..head.unwrap_or_default()].to_vec();
    for object in streams {
        places[object.number] = Place::At(out.len());
        write_object(&mut out, object.number, &[object.body]);
    }
    for (group, members) in plain.chunks(OBJECTS_IN_A_STREAM).enumerate() {
        let number = first_group + group;
        for (index, object) in members.iter().enumerate() {
            places[object.number] = Place::In { stream: number, index };
        }
        places[number] = Place::At(out.len());
        write_group(&mut out, number, members)?;
    }
    write_places(&mut out, places, trailer)?;
    Ok(out)
}

/// The offsets of the objects by number, and what the trailer says besides the size.
fn read_end(file: &[u8]) -> Result<(Vec<Option<usize>>, &[u8]), String> {
    let tail = find_last(file, b"startxref").ok_or("the file has no end")?;
    let start =
        number_at(file, tail + b"startxref".len()).ok_or("the file names no cross-reference table")?;
    let table = file.get(start..tail).ok_or("the cross-reference table is outside the file")?;
    let split = find_last(table, b"trailer").ok_or("the cross-reference table has no trailer")?;
    let mut lines = table[..split].split(|byte| *byte == b'\n');
    if lines.next().map(<[u8]>::trim_ascii) != Some(b"xref") {
        return Err("the cross-reference table is none".to_owned());
    }
    let count = lines
        .next()
        .and_then(|line| line.trim_ascii().strip_prefix(b"0 "))
        .and_then(|count| number_at(count, 0))
        .ok_or("the cross-reference table has more than one section")?;
    let offsets: Vec<Option<usize>> = lines
        .take(count)
        .map(|line| if line.trim_ascii_end().ends_with(b"n") { number_at(line, 0) } else { None })
        .collect();
    let dictionary = table[split + b"trailer".len()..].trim_ascii();
    let inner = dictionary
        .strip_prefix(b"<<")
        .and_then(|rest| rest.strip_suffix(b">>"))
        .and_then(|rest| rest.strip_prefix(b"/Size "))
        .ok_or("the trailer is of an unknown form")?;
    let size = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if offsets.len() != count {
        return Err("the cross-reference table is cut short".to_owned());
    }
    Ok((offsets, &inner[size..]))
}

/// The objects in the file's order.
fn read_objects<'f>(file: &'f [u8], offsets: &[Option<usize>]) -> Result<Vec<Object<'f>>, String> {
    let table =
        find_last(file, b"startxref").and_then(|tail| number_at(file, tail + 9)).unwrap_or(file.len());
    let mut starts: Vec<(usize, usize)> =
        offsets.iter().enumerate().filter_map(|(number, offset)| Some(((*offset)?, number))).collect();
    starts.sort_unstable();
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain(std::iter::once(table));
    starts
        .iter()
        .zip(ends)
        .map(|((start, number), end)| {
            let text = file.get(*start..end).map(<[u8]>::trim_ascii);
            let body = text
                .and_then(|text| text.strip_prefix(format!("{number} 0 obj").as_bytes()))
                .and_then(|text| text.strip_suffix(b"endobj"));
            match body {
                Some(body) => Ok(Object { number: *number, body: body.trim_ascii() }),
                None => Err(format!("object {number} is not where the table has it")),
            }
        })
        .collect()
}

/// An object stream: the numbers and places of its objects, then the objects.
fn write_group(out: &mut Vec<u8>, number: usize, members: &[&Object]) -> Result<(), String> {
    let mut index = String::new();
    let mut bodies = Vec::new();
    for object in members {
        index += &format!("{} {} ", object.number, bodies.len());
        bodies.extend_from_slice(object.body);
        bodies.push(b'\n');
    }
    let first = index.len();
    let mut content = index.into_bytes();
    content.append(&mut bodies);
    let packed = deflate(&content)?;
    let head = format!(
        "<</Type/ObjStm/N {}/First {first}/Filter/FlateDecode/Length {}>>",
        members.len(),
        packed.len()
    );
    write_stream(out, number, &head, &packed);
    Ok(())
}

/// The cross-reference stream, the last object, and the end of the file.
fn write_places(out: &mut Vec<u8>, mut places: Vec<Place>, trailer: &[u8]) -> Result<(), String> {
    let number = places.len() - 1;
    let start = out.len();
    places[number] = Place::At(start);
    let width: usize = WIDTHS.iter().sum();
    // Each row as the difference to the one before (PNG's "up"): neighbours differ in little, so it packs well.
    let mut before = vec![0_u8; width];
    let mut rows = Vec::with_capacity(places.len() * (width + 1));
    for place in &places {
        let row = entry(place)?;
        rows.push(2);
        rows.extend(row.iter().zip(&before).map(|(now, above)| now.wrapping_sub(*above)));
        before = row;
    }
    let packed = deflate(&rows)?;
    let [kind, offset, index] = WIDTHS;
    let mut head = format!("<</Type/XRef/Size {}", places.len()).into_bytes();
    head.extend_from_slice(trailer);
    head.extend_from_slice(
        format!(
            "/W[{kind} {offset} {index}]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns {width}>>/Length {}>>",
            packed.len()
        )
        .as_bytes(),
    );
    write_object(out, number, &[&head, b"\nstream\n", &packed, b"\nendstream"]);
    out.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
    Ok(())
}

fn entry(place: &Place) -> Result<Vec<u8>, String> {
    let (kind, second, third) = match *place {
        Place::Free => (0, 0, usize::from(u16::MAX)),
        Place::At(offset) => (1, offset, 0),
        Place::In { stream, index } => (2, stream, index),
    };
    let second = u32::try_from(second).map_err(|_| "the file is larger than 4 GB")?;
    let third = u16::try_from(third).map_err(|_| "an object stream has too many objects")?;
    let mut entry = vec![kind];
    entry.extend(second.to_be_bytes());
    entry.extend(third.to_be_bytes());
    Ok(entry)
}

fn write_stream(out: &mut Vec<u8>, number: usize, head: &str, content: &[u8]) {
    // PDF/A wants a line end before `endstream` that is no part of the stream.
    write_object(out, number, &[head.as_bytes(), b"\nstream\n", content, b"\nendstream"]);
}

fn write_object(out: &mut Vec<u8>, number: usize, parts: &[&[u8]]) {
    out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out.extend_from_slice(b"\nendobj\n");
}

fn deflate(content: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(7));
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

fn find_last(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part)
}

/// The number that stands at a place, after white space.
fn number_at(text: &[u8], at: usize) -> Option<usize> {
    let digits = text.get(at..)?.trim_ascii_start();
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "%PDF-1.7\n%\u{e9}\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\n2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n\n3 0 obj\n<</Length 3>>\nstream\nabc\nendstream\nendobj\n\n";

    fn small() -> Vec<u8> {
        let table = SMALL.len();
        let at = |part: &str| SMALL.find(part).unwrap();
        let entries =
            ["1 0 obj", "2 0 obj", "3 0 obj"].map(|part| format!("{:010} 00000 n\r\n", at(part))).concat();
        format!("{SMALL}xref\n0 4\n0000000000 65535 f\r\n{entries}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{table}\n%%EOF")
            .into_bytes()
    }

    #[test]
    fn streams_stay_and_other_objects_are_gathered() {
        let packed = pack(&small()).unwrap();
        let text = String::from_utf8_lossy(&packed);
        assert!(text.starts_with("%PDF-1.7\n"));
        assert!(text.contains("3 0 obj\n<</Length 3>>\nstream\nabc\nendstream\nendobj"));
        assert!(text.contains("4 0 obj\n<</Type/ObjStm/N 2"));
        assert!(text.contains("5 0 obj\n<</Type/XRef/Size 6/Root 1 0 R/W[1 4 2]"));
        assert!(!text.contains("/Type/Catalog"));
        assert_eq!(packed, pack(&small()).unwrap());
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        for file in ["", "%PDF-1.7", "%PDF-1.7\nstartxref\n0\n%%EOF", "%PDF-1.7\nstartxref\n99999\n%%EOF"] {
            assert!(pack(file.as_bytes()).is_err(), "{file}");
        }
    }
}

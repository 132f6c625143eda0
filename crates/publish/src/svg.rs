//! A typeset page as a picture for the browser: one SVG with everything in it.
//!
//! Typst has a writer of its own, but one for every use: it draws a character anew for each size that it is set in and
//! to a billionth of a point, and a page takes a megabyte. Here a character is drawn once, in the font's own units.

use std::collections::BTreeMap;
use std::fmt::Write;

use ttf_parser::{GlyphId, OutlineBuilder};
use typst::layout::{Frame, FrameItem, Point, Size, Transform};
use typst::text::{Font, TextItem};
use typst::visualize::{Color, CurveItem, Geometry, Paint, Shape};
use typst_layout::Page;

/// A page as an SVG. What our templates do not make is not drawn: pictures, gradients, clipping.
pub(crate) fn picture(page: &Page) -> String {
    let mut picture = Picture::default();
    picture.frame(&page.frame, Transform::identity());
    let Size { x, y } = page.frame.size();
    let (mut width, mut height) = (String::new(), String::new());
    number(&mut width, x.to_pt(), 2);
    number(&mut height, y.to_pt(), 2);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}pt" height="{height}pt"><rect width="100%" height="100%" fill="#fff"/><defs>{}</defs>{}</svg>"##,
        picture.outlines, picture.body
    )
}

#[derive(Default)]
struct Picture {
    body: String,
    /// The characters, each drawn once.
    outlines: String,
    fonts: Vec<Font>,
    /// The number of each character's outline, by font and glyph; `None` for one that has nothing to draw, as a space.
    numbers: BTreeMap<(usize, u16), Option<usize>>,
}

impl Picture {
    fn frame(&mut self, frame: &Frame, at: Transform) {
        for (place, item) in frame.items() {
            let at = at.pre_concat(Transform::translate(place.x, place.y));
            match item {
                FrameItem::Group(group) => self.frame(&group.frame, at.pre_concat(group.transform)),
                FrameItem::Text(text) => self.text(text, at),
                FrameItem::Shape(shape, _) => self.shape(shape, at),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &TextItem, at: Transform) {
        let units = text.font.units_per_em();
        // A font's y goes up, a page's down.
        let scale = text.size.to_pt() / units;
        let [a, b, c, d] = [at.sx, at.ky, -at.kx, -at.sy].map(|part| part.get() * scale);
        let matrix = [(a, 7), (b, 7), (c, 7), (d, 7), (at.tx.to_pt(), 2), (at.ty.to_pt(), 2)];
        self.body.push_str("<g transform=\"matrix(");
        for (value, decimals) in matrix {
            number(&mut self.body, value, decimals);
            self.body.push(',');
        }
        self.body.pop();
        self.body.push_str(")\"");
        self.colour("fill", &text.fill, "#000000");
        self.body.push('>');
        let font = self.font(text.font.font());
        let (mut x, mut y) = (0.0, 0.0);
        for glyph in &text.glyphs {
            if let Some(outline) = self.outline(text, font, glyph.id) {
                // Writing into a string never fails.
                let _ = write!(self.body, "<use href=\"#g{outline}\"");
                self.attribute("x", (x + glyph.x_offset.get()) * units);
                self.attribute("y", -(y + glyph.y_offset.get()) * units);
                self.body.push_str("/>");
            }
            x += glyph.x_advance.get();
            y += glyph.y_advance.get();
        }
        self.body.push_str("</g>");
    }

    /// A character's place in the font's units, left out where it is none.
    fn attribute(&mut self, name: &str, value: f64) {
        if value.round() != 0.0 {
            let _ = write!(self.body, " {name}=\"{value:.0}\"");
        }
    }

    /// The place of a font among those of the page.
    fn font(&mut self, font: &Font) -> usize {
        self.fonts.iter().position(|known| known == font).unwrap_or_else(|| {
            self.fonts.push(font.clone());
            self.fonts.len() - 1
        })
    }

    fn outline(&mut self, text: &TextItem, font: usize, glyph: u16) -> Option<usize> {
        let next = self.numbers.len();
        *self.numbers.entry((font, glyph)).or_insert_with(|| {
            let mut outline = Outline::default();
            text.font.ttf().outline_glyph(GlyphId(glyph), &mut outline)?;
            let _ = write!(self.outlines, "<path id=\"g{next}\" d=\"{}\"/>", outline.path);
            Some(next)
        })
    }

    fn shape(&mut self, shape: &Shape, at: Transform) {
        self.body.push_str("<path");
        match &shape.fill {
            Some(fill) => self.colour("fill", fill, "#000000"),
            None => self.body.push_str(" fill=\"none\""),
        }
        if let Some(stroke) = &shape.stroke {
            self.colour("stroke", &stroke.paint, "none");
            self.body.push_str(" stroke-width=\"");
            number(&mut self.body, stroke.thickness.to_pt(), 2);
            self.body.push('"');
        }
        self.body.push_str(" d=\"");
        let mut points = |command: char, points: &[Point]| {
            self.body.push(command);
            for point in points.iter().map(|point| point.transform(at)) {
                number(&mut self.body, point.x.to_pt(), 2);
                number(&mut self.body, point.y.to_pt(), 2);
            }
        };
        match &shape.geometry {
            Geometry::Line(to) => {
                points('M', &[Point::zero()]);
                points('L', &[*to]);
            }
            Geometry::Rect(size) => {
                let corners = [Point::with_x(size.x), size.to_point(), Point::with_y(size.y)];
                points('M', &[Point::zero()]);
                points('L', &corners);
                points('Z', &[]);
            }
            Geometry::Curve(curve) => curve.0.iter().for_each(|item| match item {
                CurveItem::Move(to) => points('M', &[*to]),
                CurveItem::Line(to) => points('L', &[*to]),
                CurveItem::Cubic(from, toward, to) => points('C', &[*from, *toward, *to]),
                CurveItem::Close => points('Z', &[]),
            }),
        }
        self.body.push_str("\"/>");
    }

    /// A colour, left out where it is the one that a browser takes anyway.
    fn colour(&mut self, name: &str, paint: &Paint, usual: &str) {
        let Paint::Solid(colour) = paint else { return };
        let colour = Color::to_hex(colour);
        if colour != usual {
            let _ = write!(self.body, " {name}=\"{colour}\"");
        }
    }
}

/// A character's path, each point told from the one before.
#[derive(Default)]
struct Outline {
    path: String,
    /// Where the last command ended, rounded, so that roundings do not add up.
    x: f32,
    y: f32,
}

impl Outline {
    fn command(&mut self, command: char, points: &[(f32, f32)]) {
        self.path.push(command);
        let from = (self.x, self.y);
        for (x, y) in points {
            (self.x, self.y) = (x.round(), y.round());
            number(&mut self.path, f64::from(self.x - from.0), 0);
            number(&mut self.path, f64::from(self.y - from.1), 0);
        }
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        // Told from the page's corner: what comes before was closed elsewhere.
        (self.x, self.y) = (0.0, 0.0);
        self.command('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (from_x, from_y) = (self.x, self.y);
        if y.round() == from_y {
            self.path.push('h');
            number(&mut self.path, f64::from(x.round() - from_x), 0);
        } else if x.round() == from_x {
            self.path.push('v');
            number(&mut self.path, f64::from(y.round() - from_y), 0);
        } else {
            return self.command('l', &[(x, y)]);
        }
        (self.x, self.y) = (x.round(), y.round());
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.command('q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command('c', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.path.push('z');
    }
}

/// Writes a number with at most so many decimals, and a space before it where it would run into another one.
fn number(text: &mut String, value: f64, decimals: usize) {
    let from = text.len();
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        text.push(' ');
    }
    let start = text.len();
    let _ = write!(text, "{value:.decimals$}");
    if decimals > 0 {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    match &text[start..] {
        "-0" => text.replace_range(start.., "0"),
        written if written.starts_with('-') && start > from => {
            text.remove(from);
        }
        _ => {}
    }
}

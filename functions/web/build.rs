//! Compresses the page that lies in `built/` and writes the list of its files for the binary.
#![expect(clippy::expect_used, reason = "a build that fails says so by a panic")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// The most that brotli can do.
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW: i32 = 22;
/// Bytes of a file's hash in its tag.
const TAG_BYTES: usize = 8;

fn main() {
    let built = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("built");
    println!("cargo::rerun-if-changed={}", built.display());
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    collect(&built, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let bytes = fs::read(file).expect("a file of the page");
        let plain = write(&out, &format!("{number}"), &bytes);
        let gzip = write(&out, &format!("{number}.gz"), &gzip(&bytes));
        let brotli = write(&out, &format!("{number}.br"), &brotli(&bytes));
        let tag = Sha256::digest(&bytes).get(..TAG_BYTES).map(hex::encode).unwrap_or_default();
        let name = file.strip_prefix(&built).expect("below the folder").to_string_lossy().into_owned();
        writeln!(
            list,
            "File {{ name: {name:?}, tag: {tag:?}, plain: include_bytes!({plain:?}), gzip: include_bytes!({gzip:?}), \
             brotli: include_bytes!({brotli:?}) }},"
        )
        .expect("writing into a text");
    }
    list.push(']');
    fs::write(out.join("files.rs"), list).expect("the list of files");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("functions/web/built; 'make page' writes it") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a compressed file");
    path.to_string_lossy().into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("writing into memory");
    encoder.finish().expect("writing into memory")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters).expect("writing into memory");
    compressed
}

//! Features are taken into the program when it is compiled; a changed or new one must lead to a new compilation.

fn main() {
    println!("cargo:rerun-if-changed=features");
    println!("cargo:rerun-if-changed=build.rs");
}

//! Nothing is to be done; without a build script cargo would leave out what one may need.

fn main() {}

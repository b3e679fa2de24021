//! The pieces that views are put together from: painting text in the theme's styles, tables, boxes. They
//! know no screen.

pub mod boxed;
pub mod paint;
pub mod rows;
pub mod table;

pub use boxed::boxed;
pub use paint::Paint;
pub use rows::ListView;
pub use table::Table;

//! Brings what is concluded up to what is known: the picture, and the order of the list that is on screen.
//! Done once for a batch of messages, before it is drawn or a key is answered.

use crate::console::layout;
use crate::console::model::lists::Row;
use crate::console::model::{Model, Tab};

/// Makes the picture and the current list anew, if they must be.
pub fn settle(model: &mut Model) {
    if model.picture.stale {
        model.conclude();
        model.lists.overview.stale = true;
    }
    let here = model.screen().tab();
    for tab in Tab::ALL {
        // The overview is always needed: its first rows are what the tabs count.
        if (tab == here || tab == Tab::Overview) && model.lists.of(tab).stale {
            arrange(model, tab);
        }
    }
}

fn arrange(model: &mut Model, tab: Tab) {
    let (order, total, complaint) = model.arranged(tab);
    let page = if model.screen().tab() == tab && !model.screen().is_detail() {
        layout::page(model)
    } else {
        // Its page is not on screen; any will do until it is.
        usize::from(model.size().1.max(1))
    };
    let list = model.lists.of_mut(tab);
    let order: Vec<Row> = order;
    list.order = order;
    list.total = total;
    list.complaint = complaint;
    list.stale = false;
    list.cursor.settle(&list.order, page);
}

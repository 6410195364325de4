//! The classes of `levelkit.types`, found by the names that serde has for their types.

use std::collections::HashMap;

use pyo3::exceptions::{PyBaseException, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

/// What a name stands for.
pub(crate) enum Shape {
    /// A `StrEnum`, by label.
    Labels(HashMap<String, Py<PyAny>>),
    /// A class of its own.
    Struct(Class),
    /// A class for each label of a tag.
    Union { tag: String, variants: HashMap<String, Class> },
}

/// A class, and how its instances are made.
pub(crate) struct Class {
    pub(crate) class: Py<PyType>,
    pub(crate) is_exception: bool,
}

/// What an instance is read by.
pub(crate) struct Known {
    /// The tag and its label, for a variant.
    pub(crate) tag: Option<(String, String)>,
    pub(crate) fields: Vec<Py<PyString>>,
}

/// Every class.
pub(crate) struct Classes {
    shapes: HashMap<String, Shape>,
    /// By the class's own address; the table keeps every class alive.
    known: HashMap<usize, Known>,
    pub(crate) decimal: Py<PyType>,
    pub(crate) utc: Py<PyAny>,
}

impl Classes {
    pub(crate) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.get(name)
    }

    /// How many fields a class has.
    pub(crate) fn fields(&self, class: &Bound<'_, PyType>) -> usize {
        self.known.get(&(class.as_ptr() as usize)).map_or(0, |known| known.fields.len())
    }

    pub(crate) fn known(&self, value: &Bound<'_, PyAny>) -> Option<&Known> {
        self.known.get(&(value.get_type_ptr() as usize))
    }
}

/// The classes, read once.
pub(crate) fn classes(py: Python<'_>) -> PyResult<&Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || load(py))
}

fn load(py: Python<'_>) -> PyResult<Classes> {
    let bridge = py.import("levelkit.types")?.getattr("_BRIDGE")?.cast_into::<PyDict>()?;
    let mut classes = Classes {
        shapes: HashMap::new(),
        known: HashMap::new(),
        decimal: py.import("decimal")?.getattr("Decimal")?.cast_into::<PyType>()?.unbind(),
        utc: py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind(),
    };
    for (name, entry) in bridge {
        let shape = shape(&entry, &mut classes.known)?;
        classes.shapes.insert(name.extract()?, shape);
    }
    Ok(classes)
}

fn shape(entry: &Bound<'_, PyAny>, known: &mut HashMap<usize, Known>) -> PyResult<Shape> {
    if let Ok(union) = entry.cast::<PyTuple>() {
        let (tag, by_label): (String, Bound<'_, PyDict>) = union.extract()?;
        let mut variants = HashMap::new();
        for (label, class) in by_label {
            let label: String = label.extract()?;
            variants.insert(label.clone(), register(&class, Some((tag.clone(), label)), known)?);
        }
        return Ok(Shape::Union { tag, variants });
    }
    if entry.hasattr("__members__")? {
        let members = entry.try_iter()?.map(|member| {
            let member = member?;
            Ok((member.getattr("value")?.extract()?, member.unbind()))
        });
        return Ok(Shape::Labels(members.collect::<PyResult<_>>()?));
    }
    Ok(Shape::Struct(register(entry, None, known)?))
}

fn register(
    class: &Bound<'_, PyAny>,
    tag: Option<(String, String)>,
    known: &mut HashMap<usize, Known>,
) -> PyResult<Class> {
    let py = class.py();
    let class =
        class.cast::<PyType>().map_err(|_| PyTypeError::new_err("the table of classes holds something else"))?;
    let is_tag = |name: &str| tag.as_ref().is_some_and(|(tag, _)| tag == name);
    // Of an exception too, whose facts are annotated like fields.
    let annotations = class.getattr("__annotations__")?.cast_into::<PyDict>()?;
    let names = annotations.keys().iter().map(|name| name.extract::<String>()).collect::<PyResult<Vec<_>>>()?;
    let fields = names.iter().filter(|name| !is_tag(name)).map(|name| PyString::intern(py, name).unbind()).collect();
    known.insert(class.as_ptr() as usize, Known { tag, fields });
    let is_exception = class.is_subclass_of::<PyBaseException>()?;
    Ok(Class { class: class.clone().unbind(), is_exception })
}

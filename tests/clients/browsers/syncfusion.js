// A Syncfusion PivotView on one cube; it asks the server from another origin, with credentials of its own.
import { FieldList, PivotView } from "@syncfusion/ej2-pivotview";

const asked = JSON.parse(new URLSearchParams(location.search).get("asked"));
const errors = [];
let shown = 0;
window.addEventListener("error", (event) => errors.push(event.message));

PivotView.Inject(FieldList);
const grid = new PivotView({
  dataSourceSettings: {
    providerType: "SSAS",
    url: asked.url,
    catalog: asked.catalog,
    cube: asked.cube,
    localeIdentifier: asked.locale,
    authentication: { userName: asked.user, password: asked.password },
    enableSorting: true,
    rows: [{ name: asked.rows, caption: "rows" }, { name: asked.inner, caption: "inner" }],
    columns: [{ name: "[Measures]", caption: "Measures" }],
    values: [{ name: asked.measure, caption: asked.measure.replace(/^.*\[|\]$/g, "") }],
    filters: [],
  },
  showFieldList: true,
  width: 860,
  height: 200,
  dataBound: () => {
    shown += 1;
  },
});
grid.appendTo("#grid");

window.pivot = {
  errors: () => errors,
  shown: () => shown,
  fields: () => Object.keys(grid.olapEngineModule?.fieldList ?? {}),
  cells: () => [...document.querySelectorAll("#grid td, #grid th")].map((cell) => cell.innerText.trim()).filter(Boolean),
  open: (caption) => {
    const cell = [...document.querySelectorAll("#grid td.e-rowsheader")].find((td) => td.innerText.trim() === caption);
    cell?.querySelector(".e-expand, .e-icons")?.click();
  },
  filter: (members) => {
    grid.setProperties({
      dataSourceSettings: { filterSettings: [{ name: asked.rows, type: "Include", items: members, levelCount: 1 }] },
    });
  },
};

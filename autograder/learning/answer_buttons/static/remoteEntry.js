/* The choices of a question as buttons under the cell that holds its answer, in JupyterLab and
   Notebook 7. A click writes the answer into the cell's source, where one who types would write it,
   and runs the cell: so it is saved, handed in and graded like any other. And who runs a cell in a
   new kernel before those above it is told so where a name is missing. Written by hand as a
   prebuilt extension; it needs no build, asks the kernel nothing and fetches nothing. */
(function () {
  "use strict";

  // q02_centred = "p", "sure"  # "p", "q", "r" or "s", with its quotes, in place of the dots
  const ANSWER = /^(q\d\d_\w+)[ \t]*=[ \t]*(.*?)[ \t]*(#[ \t]*((?:"\w"(?:, | or )?){2,}),.*)$/m;
  const GIVEN = /^["'] *(\w) *["'](?:[ \t]*,[ \t]*["'] *(sure|think|guess) *["'])?$/i;
  const SURE = { sure: "sure", think: "fairly sure", guess: "a guess" };
  const STYLE = `
.course-choices, .course-above { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px;
  margin: 2px 8px 6px calc(var(--jp-cell-prompt-width, 64px) + 8px); padding: 2px;
  font-family: var(--jp-ui-font-family); font-size: var(--jp-ui-font-size1, 13px);
  color: var(--jp-ui-font-color1); }
.course-choices span { margin-left: 4px; }
.course-choices button, .course-above button { min-width: 28px; min-height: 26px; padding: 0 8px; cursor: pointer;
  border: 1px solid var(--jp-border-color0, #767676); border-radius: 3px;
  background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); font: inherit; }
.course-choices button[aria-pressed="true"] { font-weight: 700;
  background: var(--jp-ui-font-color1); color: var(--jp-layout-color1); }
.course-choices button:focus-visible, .course-above button:focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2); }`;

  /* What a question's cell says; `before` is what it said when its comment still stood there, which
     who types an answer may have typed over. */
  function read(source, before) {
    let found = ANSWER.exec(source);
    if (!found && before) {
      const line = new RegExp(`^${before.name}[ \\t]*=[ \\t]*(.*?)[ \\t]*$`, "m").exec(source);
      if (line) found = [line[0], before.name, line[1], before.comment];
      else if (!source.trim()) found = ["", before.name, "", before.comment];
    }
    if (!found) return null;
    const [line, name, given, comment] = found;
    const [, letter = "", sure = ""] = GIVEN.exec(given) || [];
    const letters = comment.match(/"(\w)"/g).map((quoted) => quoted[1]);
    return {
      name, comment, line, letters: [...new Set(letters)],
      letter: letter.toLowerCase(), sure: sure.toLowerCase(),
    };
  }

  function written(source, asked, letter, sure) {
    const value = `"${letter}"` + (sure ? `, "${sure}"` : "");
    return source.replace(asked.line, () => `${asked.name} = ${value}  ${asked.comment}`);
  }

  function button(label, pressed, pressing) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    if (pressed !== null) made.setAttribute("aria-pressed", String(pressed));
    made.addEventListener("click", pressing);
    return made;
  }

  const asking = new WeakMap(); // a cell's model → what it asked at last

  /* The row of one cell, made anew where what it shows has changed. */
  function show(app, panel, cell) {
    const asked = read(cell.model.sharedModel.getSource(), asking.get(cell.model));
    if (asked) asking.set(cell.model, asked);
    const there = cell.node.querySelector(":scope > .course-choices");
    if (!asked || cell.model.sharedModel.getMetadata("editable") === false) {
      if (there) there.remove();
      return;
    }
    const state = JSON.stringify(asked);
    if (there && there.dataset.state === state) return;

    const row = document.createElement("div");
    row.className = "course-choices";
    row.dataset.state = state;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `Your answer to ${asked.name}`);
    row.setAttribute("data-lm-suppress-shortcuts", "true"); // Enter and Space press the button

    // Who clicked finds the check selected; who pressed a key is still at the buttons.
    const answer = async (event, letter, sure, at) => {
      const model = cell.model.sharedModel;
      const current = read(model.getSource(), asked) || asked;
      model.setSource(written(model.getSource(), current, letter, sure));
      show(app, panel, cell);
      const now = cell.node.querySelectorAll(".course-choices button")[at];
      panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
      panel.content.deselectAll();
      const clicked = event.detail > 0;
      const run = clicked ? "notebook:run-cell-and-select-next" : "notebook:run-cell";
      try {
        await panel.sessionContext.ready; // what is run before that is run by nobody
        await app.commands.execute(run);
      } finally {
        if (!clicked && now) now.focus();
      }
    };

    const choice = (label, pressed, letter, sure, at) =>
      button(label, pressed, (event) => answer(event, letter, sure, at));

    row.append("Your answer:");
    asked.letters.forEach((letter, at) =>
      row.append(choice(letter, letter === asked.letter, letter, asked.sure, at))
    );
    if (asked.letter) {
      const how = document.createElement("span");
      how.textContent = "How sure are you?";
      row.append(how);
      Object.keys(SURE).forEach((word, at) => {
        const next = word === asked.sure ? "" : word; // once more takes it back
        const place = asked.letters.length + at;
        row.append(choice(SURE[word], word === asked.sure, asked.letter, next, place));
      });
    }
    if (there) there.replaceWith(row);
    else cell.node.append(row);
  }

  const RESTARTED = "After a restart of the kernel";  // a verdict says so

  /* Whether a cell stops for want of a name, or its check says that it does, and not all cells above
     have run in this kernel: it counts what it runs, so that who ran them all has a higher number
     than there are. */
  function tooEarly(cell, above) {
    const { outputs, executionCount } = cell.model;
    if (!executionCount || executionCount > above) return false;
    return outputs.toJSON().some((out) =>
      out.output_type === "error" ? out.ename === "NameError"
        : JSON.stringify(out.data || "").includes(RESTARTED));
  }

  function remind(app, panel, cell, above) {
    const there = cell.node.querySelector(":scope > .course-above");
    if (!tooEarly(cell, above)) {
      if (there) there.remove();
      return;
    }
    if (there) return;
    const note = document.createElement("div");
    note.className = "course-above";
    note.setAttribute("role", "status");
    note.append("Not all cells above have been run since the kernel was started.");
    note.append(button("Run all cells above, then this one", null, async () => {
      const here = () => {
        panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
      };
      here();
      note.textContent = "All cells above are running; this one is next …";
      await app.commands.execute("notebook:run-all-above");
      here();
      note.remove();
      await app.commands.execute("notebook:run-cell");
    }));
    cell.node.append(note);
  }

  const isCourse = (cells) =>
    cells.slice(0, 5).some((cell) => /\bautograder\b/.test(cell.model.sharedModel.getSource()));

  function panels(app) {
    return [...app.shell.widgets("main")]
      .flatMap((widget) => [widget, widget.content])
      .filter((widget) => widget && widget.content && widget.content.widgets && widget.context);
  }

  function activate(app) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    let waiting = false;
    const look = () => {
      waiting = false;
      for (const panel of panels(app)) {
        const cells = panel.content.widgets.filter((c) => c.model && c.model.type === "code");
        const ours = isCourse(cells);
        cells.forEach((cell, above) => {
          show(app, panel, cell);
          if (ours) remind(app, panel, cell, above);
        });
      }
    };
    // Cells come, go and change while one works; all that follows one of it is done at once.
    new MutationObserver(() => {
      if (!waiting) {
        waiting = true;
        window.setTimeout(look, 150);
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  }

  const plugin = { id: "training-cnns-answers:buttons", autoStart: true, activate };
  const container = {
    init: () => undefined,
    get: () => Promise.resolve(() => ({ __esModule: true, default: plugin })),
  };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["training-cnns-answers"] = container;
})();

-- From a wrong program to a completed task, as a user goes.
local harness = dofile(vim.fs.joinpath(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)), "harness.lua"))
local test, wait, equal, truth = harness.test, harness.wait, harness.equal, harness.truth
local folder = vim.env.MILEPOST_COURSE
harness.answers = { ["May Milepost run"] = "Trust" }


local function has_rule(rule)
  return function()
    for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
      if diagnostic.code == rule then
        return diagnostic
      end
    end
  end
end

test("the server starts in a folder with a course", function()
  vim.cmd.edit(vim.fs.joinpath(folder, "average.py"))
  local client = wait("a client", function()
    return vim.lsp.get_clients({ bufnr = 0, name = "milepost" })[1]
  end)
  equal(vim.fs.normalize(client.root_dir), vim.fs.normalize(folder))
end)

test("the code lens and the statusline say which task it is", function()
  wait("the code lens", function()
    local lens = vim.lsp.codelens.get(0)[1]
    return lens and lens.command.title:find("^Task 4 of ")
  end)
  wait("the statusline", function()
    return require("milepost").status():find("^Milepost: Task 4 of ")
  end)
end)

test("typing a mistake in syntax shows it at once", function()
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "def broken(:" })
  local found = wait("a finding", function()
    return vim.diagnostic.get(0)[1]
  end)
  equal(found.source, "milepost")
  vim.cmd.undo()
  wait("no finding", function()
    return #vim.diagnostic.get(0) == 0
  end)
end)

test("a save shows what is wrong, after one question for trust", function()
  vim.cmd.write()
  local finding = wait("the failing examples", has_rule("examples"))
  truth(finding.source == "milepost" and finding.message ~= "", "a finding says what it is")
  equal(#vim.tbl_filter(function(question)
    return question.prompt:find("May Milepost run", 1, true)
  end, harness.asked), 1)
  wait("the statusline", function()
    return require("milepost").status():find("of %d+ criteria · score")
  end)
end)

test("hover explains the finding", function()
  local finding = has_rule("examples")()
  vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })
  local client = vim.lsp.get_clients({ bufnr = 0, name = "milepost" })[1]
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  local answer = client:request_sync("textDocument/hover", params, 10000, 0)
  truth(answer and answer.result and #answer.result.contents.value > 0, "hover says something")
end)

test("a code action repairs the program", function()
  local before = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  wait("a fix", function()
    harness.asked = {}
    -- Without a choice it is only looked at; the search for fixes may still be going on.
    vim.lsp.buf.code_action({ context = { only = { "quickfix" } } })
    vim.wait(500, function()
      return #harness.asked > 0
    end, 20)
    return vim.iter(harness.asked):any(function(question)
      return vim.iter(question.shown):any(function(title)
        return not title:find("Hint", 1, true) and not title:find("finding", 1, true)
      end)
    end)
  end)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.edit ~= nil and action.isPreferred
    end,
  })
  wait("a changed program", function()
    return not vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), before)
  end)
end)

test("saved again, nothing is left", function()
  vim.cmd.write()
  wait("no finding", function()
    return #vim.diagnostic.get(0) == 0
  end)
  wait("all criteria", function()
    return require("milepost").status():find("score 1.00", 1, true)
  end)
end)

test("goals and tasks are picked with vim.ui.select", function()
  harness.asked = {}
  harness.answers = { [""] = "largest" }
  vim.cmd.MilepostGoals()
  wait("a list of tasks", function()
    return #harness.asked > 0
  end)
end)

test("an earlier save is compared with the program", function()
  harness.answers = { ["Compare with"] = "✗" }
  vim.cmd.MilepostHistory()
  wait("a tab with both", function()
    return vim.fn.tabpagenr("$") == 2 and vim.wo.diff
  end)
  vim.cmd("tabclose")
end)

test("the page of progress opens", function()
  vim.cmd.MilepostProgress()
  wait("the page", function()
    return vim.api.nvim_buf_get_name(0):find("progress.md", 1, true)
  end)
end)

test("the page of the task opens", function()
  vim.cmd("buffer average.py")
  vim.cmd.MilepostTask()
  wait("the page", function()
    return vim.api.nvim_buf_get_name(0):find("task.md", 1, true)
  end)
  truth(vim.fn.getline(1):find("^# "), vim.fn.getline(1))
end)

harness.finish()

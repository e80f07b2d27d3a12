-- From a wish in an empty folder to the first file of an approved goal.
local harness = dofile(vim.fs.joinpath(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)), "harness.lua"))
local test, wait, truth = harness.test, harness.wait, harness.truth

local function name()
  return vim.fs.basename(vim.api.nvim_buf_get_name(0))
end

local function lens()
  local found = vim.lsp.codelens.get(0)[1]
  return found and found.command and found.command.title or ""
end

local folder = vim.fs.joinpath(vim.env.HOME, "empty")
vim.fn.mkdir(folder, "p")
vim.cmd.cd(vim.fn.fnameescape(folder))

local said = {}
vim.lsp.handlers["window/showMessage"] = function(_, message)
  table.insert(said, message.message)
end

local prompts, answer = {}, nil
vim.ui.input = function(options, act)
  table.insert(prompts, options.prompt)
  act(answer)
end

test("whoever gives no answer gets nothing", function()
  vim.cmd.MilepostNewGoal()
  truth(#prompts == 1 and prompts[1]:find("What do you want to learn", 1, true), "the user was asked")
  truth(#vim.lsp.get_clients() == 0, "no server starts")
end)

test("a wish becomes a draft, with a line above it that approves it", function()
  answer = 'search in "lists" | texts'
  vim.cmd.MilepostNewGoal()
  wait("the draft", function()
    return name() == "milepost.draft.yaml"
  end)
  truth(vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]:find(answer, 1, true), "it tells the wish")
  wait("the line above it", function()
    return lens():find("Approve this goal", 1, true)
  end)
  truth(vim.fn.filereadable(vim.fs.joinpath(folder, "milepost.yaml")) == 0, "nothing is stored yet")
end)

test("what is wrong with the draft is said, and it goes on waiting", function()
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "nonsense: true" })
  vim.cmd.MilepostApproveGoal()
  wait("what is wrong", function()
    return table.concat(said, "\n"):find("milepost.draft.yaml:%d+:%d+: .*nonsense")
  end)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
end)

test("the approved goal begins with its first file", function()
  vim.cmd("silent write")
  vim.cmd.MilepostApproveGoal()
  wait("a program", function()
    return name():find("%.py$")
  end)
  wait("its task", function()
    return lens():find("Task 1 of", 1, true)
  end)
  truth(vim.fn.filereadable(vim.fs.joinpath(folder, "milepost.yaml")) == 1, "the goal is stored")
  truth(vim.fn.filereadable(vim.fs.joinpath(folder, "milepost.draft.yaml")) == 0, "the draft is gone")
end)

harness.finish()

if vim.g.loaded_milepost then
  return
end
vim.g.loaded_milepost = true

local group = vim.api.nvim_create_augroup("milepost", {})

---@param event string|string[]
---@param act fun(client: vim.lsp.Client, buffer: integer)
local function on(event, act)
  vim.api.nvim_create_autocmd(event, {
    group = group,
    callback = function(arguments)
      for _, client in ipairs(vim.lsp.get_clients({ bufnr = arguments.buf, name = "milepost" })) do
        act(client, arguments.buf)
      end
    end,
  })
end

on({ "LspAttach", "BufEnter", "DiagnosticChanged" }, function(client, buffer)
  require("milepost").show(client, buffer)
end)

---@type table<string, [string, string]>
local commands = {
  Actions = { "actions", "Show what can be done about the finding here" },
  Fix = { "fix", "Compare a fix with the program, then apply it" },
  Goals = { "goals", "Pick a goal's task and open its file" },
  History = { "history", "Compare the program with an earlier save" },
  Task = { "task", "Show what the task asks, and how far it is" },
  Trust = { "trust", "Say whether this course may run its tests" },
  Progress = { "progress", "Show goals, tasks and criteria" },
  Similar = { "similar", "Show validated programs like this one" },
  Validate = { "validate", "Check the program now" },
  Hint = { "hint", "Take the next step of help" },
  SelectTask = { "select_task", "Start a task of this goal" },
  ApproveGoal = { "approve_goal", "Store the goal of this draft" },
}

for name, entry in pairs(commands) do
  vim.api.nvim_create_user_command("Milepost" .. name, function()
    require("milepost")[entry[1]]()
  end, { bar = true, desc = entry[2] })
end

-- Not followed by another command: a wish may hold any character.
vim.api.nvim_create_user_command("MilepostNewGoal", function(arguments)
  require("milepost").new_goal(arguments.args ~= "" and arguments.args or nil)
end, { nargs = "*", desc = "Ask for a goal, or write one" })

vim.api.nvim_create_user_command("MilepostStartCourse", function(arguments)
  require("milepost").start_course(arguments.args ~= "" and arguments.args or nil)
end, { bar = true, nargs = "?", complete = "dir", desc = "Start a course in a folder" })

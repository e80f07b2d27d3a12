;;; -*- lexical-binding: t -*-
;; The words of the page have been read; the rest is what their user does.
(setq milepost-answers '("Trust" "Change") lsp-auto-guess-root t)
(milepost-open)
(lsp)
(milepost-wait "the server" #'lsp-workspaces)
(milepost-wait
 "the code lens"
 (lambda ()
   (let ((lenses (ignore-errors (lsp-request "textDocument/codeLens" `(:textDocument ,(lsp--text-document-identifier))))))
     (seq-find (lambda (lens) (string-prefix-p "Task 4 of" (lsp:command-title (lsp:code-lens-command? lens)))) lenses))))
(milepost-save)
(let ((finding (car (milepost-wait "a finding" (lambda () (gethash buffer-file-name (lsp-diagnostics t)))))))
  (unless (string-match-p "expected 3.0" (lsp:diagnostic-message finding))
    (error "Another finding: %s" (lsp:diagnostic-message finding)))
  (goto-char (lsp--position-to-point (lsp:range-start (lsp:diagnostic-range finding)))))
(milepost-wait
 "a fix among the code actions"
 (lambda () (seq-find (lambda (action) (string-prefix-p "Change" (lsp:code-action-title action))) (lsp-code-actions-at-point))))
(call-interactively #'lsp-execute-code-action)
(milepost-wait "the repaired program" (lambda () (string-match-p "range(0," (buffer-string))))
(milepost-save)
(milepost-wait "no finding" (lambda () (null (gethash buffer-file-name (lsp-diagnostics t)))))
(setq lsp-restart 'ignore)
(lsp-shutdown-workspace)
